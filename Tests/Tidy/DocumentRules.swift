// DocumentRules.swift — what documents promise exists: functions, make targets, files, and the
// README and tests of every strategy and venue.
import Foundation

/// Function names in backticks in a document's life traces (sections "Life of …") that the source
/// does not have. `nt_book_set`, `onMarket`, `Ledger.record(_:)` and `run()` are names; paths and
/// plain words are not.
func unknownNames(_ document: SourceFile, source: [SourceFile]) -> [Violation] {
    let code = source.map(\.code).joined(separator: "\n")
    return lifeTraceLines(document).flatMap { number, line in
        matches(of: #"`([^`]+)`"#, in: line).compactMap { match in
            let name = match.groups[0]
            guard let missing = missingPart(of: name, in: code) else { return nil }
            return document.violation(
                "doc-name", line: number, "`\(name)`: the source has no \(missing)")
        }
    }
}

private func lifeTraceLines(_ document: SourceFile) -> [(Int, Substring)] {
    var inside = false
    return document.lines.enumerated().compactMap { index, line in
        if line.hasPrefix("#") { inside = line.contains("Life of") }
        return inside ? (index + 1, line) : nil
    }
}

/// The part of a quoted function name that nothing declares; nil when all is there, or when the
/// text is not a function's name.
private func missingPart(of name: String, in code: String) -> String? {
    // A type of the core is declared as no function is: that the code has it is enough.
    if !matches(of: #"^nt_\w+$"#, in: name).isEmpty {
        return matches(of: #"\b\#(name)\b"#, in: code).isEmpty ? name : nil
    }
    let pattern = #"^(?:([A-Z]\w*)\.)?([a-z]\w*)(\([^)]*\))?$"#
    guard let call = matches(of: pattern, in: name).first else { return nil }
    let (type, member) = (call.groups[0], call.groups[1])
    // A bare word is a function's name only when it is written as one.
    let looksLikeOne = member.contains { $0 == "_" || $0.isUppercase }
    if type.isEmpty, call.groups[2].isEmpty, !looksLikeOne { return nil }
    if !type.isEmpty,
        matches(of: #"\b(struct|class|enum|actor|protocol)\s+\#(type)\b"#, in: code).isEmpty
    {
        return type
    }
    let declares = #"\b(func|var|let|case)\s+\#(member)\b|\b\#(member)\s*\("#
    return matches(of: declares, in: code).isEmpty ? member : nil
}

/// `make …` commands in a document that the Makefile does not have.
func unknownMakeTargets(_ document: SourceFile, makefile: String) -> [Violation] {
    let targets = Set(matches(of: #"(?m)^([a-z][a-z-]*):"#, in: makefile).map { $0.groups[0] })
    var fenced = false
    return document.lines.enumerated().flatMap { index, line -> [Violation] in
        if line.hasPrefix("```") { fenced.toggle() }
        let pattern = fenced ? #"^\s*(?:\$ )?make ([a-z][a-z-]*)"# : #"`make ([a-z][a-z-]*)"#
        return matches(of: pattern, in: line).compactMap { match in
            let target = match.groups[0]
            guard !targets.contains(target) else { return nil }
            return document.violation(
                "make-target", line: index + 1, "the Makefile has no target \(target)")
        }
    }
}

/// Relative links that lead to no file. `exists` is asked with a path from the repository's root.
func deadLinks(_ document: SourceFile, exists: (String) -> Bool) -> [Violation] {
    let folder = document.path.split(separator: "/").dropLast().joined(separator: "/")
    return document.lines.enumerated().flatMap { index, line in
        matches(of: #"\]\(([^)#\s]+)[^)]*\)"#, in: line).compactMap { match -> Violation? in
            let target = match.groups[0]
            guard !target.contains("://"), !target.hasPrefix("mailto:") else { return nil }
            let path = normalised(folder.isEmpty ? target : "\(folder)/\(target)")
            guard !exists(path) else { return nil }
            return document.violation("link", line: index + 1, "\(target) does not exist")
        }
    }
}

private func normalised(_ path: String) -> String {
    path.split(separator: "/").reduce(into: [Substring]()) { parts, part in
        if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
    }.joined(separator: "/")
}

/// Every strategy and venue folder has a README and a test that names it.
func incompleteFolders(paths: [String]) -> [Violation] {
    ["Sources/Strategies/", "Sources/Venues/"].flatMap { room in
        let names = Set(
            paths.filter { $0.hasPrefix(room) && $0.hasSuffix(".swift") }.compactMap {
                $0.dropFirst(room.count).split(separator: "/").first.map(String.init)
            })
        return names.sorted().flatMap { name -> [Violation] in
            let folder = room + name
            let hasTests = paths.contains {
                $0.hasPrefix("Tests/") && $0.hasSuffix(".swift") && $0.contains(name)
            }
            let wants = [
                (paths.contains("\(folder)/README.md"), "has no README.md"),
                (hasTests, "has no test: no file under Tests has \(name) in its path"),
            ]
            return wants.filter { !$0.0 }.map {
                Violation(rule: "folder", path: folder, line: 1, message: $0.1)
            }
        }
    }
}
