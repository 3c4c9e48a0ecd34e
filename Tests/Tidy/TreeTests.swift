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
        let names = CommandLineNames(tree.files)
        #expect(names.commands.isSuperset(of: ["demo", "store", "why-not"]))
        #expect(names.options.isSuperset(of: ["json", "arm-live", "config", "no-dashboard"]))
    }

    @Test("Keeps every rule") func keepsEveryRule() throws {
        let allowances = try? String(
            contentsOf: tree.root.appendingPathComponent("tidy.allow"), encoding: .utf8)
        let left = Allowances(allowances ?? "").apply(to: violations())
        #expect(left.isEmpty, "\n\(left.map(\.description).joined(separator: "\n"))")
    }

    private func violations() -> [Violation] {
        ofSources() + ofImports() + ofDocuments() + ofCoverage()
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: tree.root.appendingPathComponent(path).path)
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
        let names = CommandLineNames(tree.files)
        // The rules' own samples name files that do not exist.
        let others = tree.files.filter { !$0.path.hasPrefix("Tests/Tidy/") }
        return others.flatMap { deadPaths($0, exists: exists) + machinePaths($0) }
            + tree.documents.flatMap { document in
                unknownMakeTargets(document, makefile: makefile)
                    + deadLinks(document, exists: exists) + unknownCommands(document, names)
            }
            + malformedDecisions(tree.documents)
    }

    /// Rules about one named file each; where it is gone, that is the violation.
    private func ofCoverage() -> [Violation] {
        let paths = tree.files.map(\.path)
        let sources = (tree.swift + tree.c).filter { !$0.isTest }
        let named: [(String, (SourceFile) -> [Violation])] = [
            ("docs/architecture.md", { unknownNames($0, source: sources) }),
            (
                "docs/architecture.md",
                { unnamedFolders($0, paths: sources.map(\.path), corners: ["Bot"]) }
            ),
            ("CCore/include/module.modulemap", { unmappedHeaders(paths: paths, moduleMap: $0) }),
            ("Sources/Bot/Terminal/LiveView.swift", { view in excerpt(of: view) }),
            (plantedHeader, { unplantedRows($0, sources: sources) }),
            (plantedPage, { page in untold(on: page) }),
        ]
        return named.flatMap { path, rule in
            tree.file(path).map(rule)
                ?? [Violation(rule: "missing", path: path, line: 1, message: "does not exist")]
        } + incompleteFolders(paths: paths) + untestedIndicators(tree.files)
            + untestedHeaders(tree.files)
    }

    private func untold(on page: SourceFile) -> [Violation] {
        tree.file(plantedHeader).map { untoldRows(page, header: $0) } ?? []
    }

    private func excerpt(of view: SourceFile) -> [Violation] {
        tree.file("README.md").map { staleExcerpt($0, view: view) } ?? []
    }
}
