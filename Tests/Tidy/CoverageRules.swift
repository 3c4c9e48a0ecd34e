// CoverageRules.swift — what must be complete: the header map, tests of headers and indicators,
// the map of folders, the pages of decisions.
import Foundation

private let publicHeaders = "CCore/include/nt/"

private func stem(_ path: String) -> String {
    String((path.split(separator: "/").last ?? "").prefix { $0 != "." })
}

/// Public headers of the core that the module map does not list, so that Swift cannot see them.
func unmappedHeaders(paths: [String], moduleMap: SourceFile) -> [Violation] {
    let listed = Set(matches(of: #"header "(nt/\w+\.h)""#, in: moduleMap.text).map { $0.groups[0] })
    return paths.filter { $0.hasPrefix(publicHeaders) && $0.hasSuffix(".h") }.compactMap { path in
        let header = "nt/\(stem(path)).h"
        guard !listed.contains(header) else { return nil }
        return moduleMap.violation("module-map", line: 1, "does not list \(header)")
    }
}

/// Public headers with an implementation that no C test includes.
func untestedHeaders(_ files: [SourceFile]) -> [Violation] {
    let tests = files.filter { $0.path.hasPrefix("CCore/tests/") }.map(\.text).joined()
    let sources = files.filter { $0.path.hasPrefix("CCore/") && !$0.isTest }
    return sources.filter { $0.path.hasPrefix(publicHeaders) }.compactMap { header in
        let name = stem(header.path)
        let isImplemented = sources.contains {
            $0.path.hasSuffix(".c") && (stem($0.path) + "_").hasPrefix("\(name)_")
        }
        guard isImplemented, !tests.contains("#include \"nt/\(name).h\"") else { return nil }
        return header.violation("untested", line: 1, "no file in CCore/tests includes it")
    }
}

/// Indicators that no test names. Those of TA-Lib are tested by its numbers: a test sees to it that
/// every one of them is among the reference columns.
func untestedIndicators(_ files: [SourceFile]) -> [Violation] {
    let tests = files.filter { $0.path.hasPrefix("Tests/AnalyticsTests/") }.map(\.text).joined()
    return files.filter { $0.path.hasPrefix("Sources/Analytics/Indicators/") }.compactMap { file in
        let name = stem(file.path)
        let isNamed = !matches(of: #"\b"# + name + #"\("#, in: tests).isEmpty
        guard !isNamed, !file.text.contains("source: \"TA-Lib ") else { return nil }
        return file.violation("untested", line: 1, "no test makes \(name)(…)")
    }
}

/// Folders of the sources that the architecture does not name between backticks: every module,
/// and the corners of those that have `corners`.
func unnamedFolders(_ document: SourceFile, paths: [String], corners: [String]) -> [Violation] {
    let folders = Set(paths.compactMap { folder(of: $0, corners: corners) })
    let quoted = matches(of: #"`([^`\n]+)`"#, in: document.text).flatMap {
        $0.groups[0].split(separator: "/").map(String.init)
    }
    return folders.subtracting(quoted).sorted().map {
        document.violation("folder-map", line: 1, "does not say what is in \($0)/")
    }
}

private func folder(of path: String, corners: [String]) -> String? {
    let parts = path.split(separator: "/").dropLast().map(String.init)
    guard parts.first == "Sources", parts.count > 1 else { return parts.first }
    return corners.contains(parts[1]) && parts.count > 2 ? parts[2] : parts[1]
}

let decisionLimit = 60

/// A decision has a number of its own, its five parts, and is a page long.
func malformedDecisions(_ documents: [SourceFile]) -> [Violation] {
    let pages = documents.filter { $0.path.hasPrefix("docs/decisions/") }
        .sorted { $0.path < $1.path }
    return pages.enumerated().flatMap { index, page -> [Violation] in
        let number = String(format: "%04d", index + 1)
        let parts = ["Status: ", "Date: ", "**Context.**", "**Decision.**", "**Consequences.**"]
        var wrong = (parts + ["**Rejected.**"]).filter { !page.text.contains($0) }
            .map { "has no \($0)" }
        if !page.name.hasPrefix("\(number)-") || !page.text.hasPrefix("# \(number) ") {
            wrong.append("should be number \(number), in name and title")
        }
        if page.lines.count > decisionLimit { wrong.append("is longer than a page") }
        return wrong.map { page.violation("decision", line: 1, $0) }
    }
}
