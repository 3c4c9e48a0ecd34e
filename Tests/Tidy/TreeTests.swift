// TreeTests.swift — the rules, applied to the repository as it is.
import Foundation
import Testing

@Suite("The source tree") struct TreeTests {
    private let tree: SourceTree
    private let graph: ModuleGraph

    init() throws {
        tree = try SourceTree.load()
        graph = moduleGraph(manifest: tree.file("Package.swift")?.text ?? "")
    }

    @Test("Is found, with its manifest") func isFound() {
        #expect(tree.swift.count > 10)
        #expect(graph["Core"]?.dependencies == ["CCore"])
        #expect(graph.modules.contains { $0.isVenue && !$0.isWire })
    }

    @Test("Keeps every rule") func keepsEveryRule() throws {
        let allowances = try? String(
            contentsOf: tree.root.appendingPathComponent("tidy.allow"), encoding: .utf8)
        let left = Allowances(allowances ?? "").apply(to: violations())
        #expect(left.isEmpty, "\n\(left.map(\.description).joined(separator: "\n"))")
    }

    private func violations() -> [Violation] {
        ofSources() + ofImports() + ofDocuments() + incompleteFolders(paths: tree.files.map(\.path))
    }

    private func ofSources() -> [Violation] {
        let sources = tree.swift + tree.c
        let scripts = tree.files.filter { $0.path.hasPrefix("Tools/") || $0.path.hasSuffix(".py") }
        let perFile: [(SourceFile) -> [Violation]] = [
            longFile, longFunctions, tabs, bannedCallsFound, defaultsInStateMachines,
        ]
        return sources.flatMap { file in perFile.flatMap { $0(file) } }
            + (sources + scripts).flatMap(longLines)
            + (sources + scripts + tree.documents).flatMap(unfinishedWork)
    }

    private func ofImports() -> [Violation] {
        let headers = HeaderMap(tree.c)
        return tree.swift.flatMap { undeclaredImports($0, graph) + prohibitedImports($0, graph) }
            + prohibitedDependencies(graph)
            + tree.c.flatMap { wrongIncludes($0, headers) }
    }

    private func ofDocuments() -> [Violation] {
        let makefile = tree.file("Makefile")?.text ?? ""
        let exists = { (path: String) in
            FileManager.default.fileExists(atPath: tree.root.appendingPathComponent(path).path)
        }
        let traces = tree.file("docs/architecture.md").map {
            unknownNames($0, source: (tree.swift + tree.c).filter { !$0.isTest })
        }
        return (traces ?? [])
            + tree.documents.flatMap { document in
                unknownMakeTargets(document, makefile: makefile)
                    + deadLinks(document, exists: exists)
            }
    }
}
