// SourceTree.swift — the repository's files as text, and what a rule says about them.
//
// A rule is a function from text to violations. It never touches the disk, so that each rule has
// its own test with a bad sample; only `SourceTree.load` reads files.
import Foundation

/// One broken rule at one place.
struct Violation: Equatable, CustomStringConvertible {
    let rule: String
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): [\(rule)] \(message)" }
}

/// One file: its path from the repository's root, its text, and its text without what only
/// people read.
struct SourceFile {
    enum Language {
        case swift
        case c
        case other
    }

    let path: String
    let text: String
    /// The text with comments and string contents blanked; lines and columns are unchanged.
    let code: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
        switch Self.language(of: path) {
        case .swift: code = blanked(text, .swift)
        case .c: code = blanked(text, .c)
        case .other: code = text
        }
    }

    var language: Language { Self.language(of: path) }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }
    var isTest: Bool { path.hasPrefix("Tests/") || path.hasPrefix("CCore/tests/") }
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    func violation(_ rule: String, line: Int, _ message: String) -> Violation {
        Violation(rule: rule, path: path, line: line, message: message)
    }

    private static func language(of path: String) -> Language {
        if path.hasSuffix(".swift") { return .swift }
        return path.hasSuffix(".c") || path.hasSuffix(".h") ? .c : .other
    }
}

/// Every file of ours, without build results, fetched data and recorded fixtures.
struct SourceTree {
    let root: URL
    let files: [SourceFile]

    private static let folders = [
        "Sources", "CCore", "Tests", "Benchmarks", "Examples", "Tools", "docs", ".githooks", ".ci",
    ]
    private static let topFiles = [
        "Package.swift", "Makefile", "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
    ]
    private static let skippedFolders: Set<String> = [
        "Fixtures", "fixtures", "corpus", "__pycache__",
    ]

    /// The repository this test was compiled from.
    static func load() throws -> SourceTree {
        let root = URL(fileURLWithPath: #filePath)  // …/Tests/Tidy/SourceTree.swift
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var paths = topFiles.filter { path in
            FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
        }
        for folder in folders { paths += list(folder, in: root) }
        let files = paths.compactMap { path in
            (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
                .map { SourceFile(path, $0) }
        }
        return SourceTree(root: root, files: files)
    }

    func file(_ path: String) -> SourceFile? { files.first { $0.path == path } }
    var swift: [SourceFile] { files.filter { $0.language == .swift } }
    var c: [SourceFile] { files.filter { $0.language == .c } }
    var documents: [SourceFile] { files.filter { $0.path.hasSuffix(".md") } }

    private static func list(_ folder: String, in root: URL) -> [String] {
        let start = root.appendingPathComponent(folder)
        guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
        var paths: [String] = []
        for case let entry as String in walk {
            if skippedFolders.contains(entry.split(separator: "/").last.map(String.init) ?? "") {
                walk.skipDescendants()
                continue
            }
            var isFolder: ObjCBool = false
            let full = start.appendingPathComponent(entry).path
            _ = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
            if !isFolder.boolValue { paths.append("\(folder)/\(entry)") }
        }
        return paths.sorted()
    }
}
