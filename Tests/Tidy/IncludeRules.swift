// IncludeRules.swift — folders of the C core include downwards only:
//
//     base ← queue ← {book, match, order, gate, journal} ← net ← lane
//
// A public header nt/x.h belongs to the folder that implements it (x.c, or the files x_….c). One
// that nobody implements is vocabulary — values, seams — and stands where its includes put it.
import Foundation

private let ranks: [String: Int] = [
    "base": 0, "queue": 1, "book": 2, "match": 2, "order": 2, "gate": 2, "journal": 2, "net": 3,
    "lane": 4,
]

/// What a venue's wire code may see of the core.
private let wireHeaders: Set<String> = [
    "event.h", "intent.h", "codec.h", "types.h", "status.h", "decimal.h", "crypto.h", "order_id.h",
    "planted.h",
]

/// Headers whose name does not lead to the folder that implements them.
private let headerFolders = ["connector": "net", "server": "net", "stream": "net", "lane": "lane"]

/// Which folder each public header belongs to.
struct HeaderMap {
    private var folders = headerFolders

    init(_ files: [SourceFile]) {
        let sources = files.map(\.path).filter { $0.hasPrefix("CCore/") && $0.hasSuffix(".c") }
        let headers = files.filter { $0.path.hasPrefix(headerFolder) }
        for header in headers where folders[stem(header)] == nil {
            folders[stem(header)] = Self.implementer(of: stem(header), sources)
        }
        // Vocabulary may use other vocabulary, so the ranks rise until nothing changes.
        for _ in headers { for header in headers { raise(header, implemented: sources) } }
    }

    func folder(ofHeader stem: String) -> String { folders[stem] ?? "base" }

    private static func implementer(of stem: String, _ sources: [String]) -> String? {
        let owners = sources.filter { source in
            let name = source.split(separator: "/").last ?? ""
            return name == "\(stem).c" || name.hasPrefix("\(stem)_")
        }
        return owners.compactMap(coreFolder).min(by: lower)
    }

    /// A header that nobody implements stands as high as the highest that it includes.
    private mutating func raise(_ header: SourceFile, implemented sources: [String]) {
        guard headerFolders[stem(header)] == nil,
            Self.implementer(of: stem(header), sources) == nil
        else { return }
        let used = includes(of: header).map(\.groups[0]).filter { $0.hasPrefix("nt/") }
            .map { folder(ofHeader: String($0.dropFirst(3).dropLast(2))) }
        folders[stem(header)] = used.max(by: lower) ?? "base"
    }
}

private let headerFolder = "CCore/include/nt/"

private func stem(_ header: SourceFile) -> String { String(header.name.dropLast(2)) }

private func includes(of file: SourceFile) -> [Match] {
    matches(of: #"(?m)^[ ]*#[ ]*include[ ]+["<]([^">]+)[">]"#, in: file.text)
}

private func lower(_ a: String, _ b: String) -> Bool { ranks[a, default: 9] < ranks[b, default: 9] }

/// The core's folder a path lies in: "book" for CCore/book/book.c; nil for tests and headers.
private func coreFolder(_ path: String) -> String? {
    let parts = path.split(separator: "/")
    guard parts.count >= 3, parts[0] == "CCore", ranks[String(parts[1])] != nil else { return nil }
    return String(parts[1])
}

/// Includes that point upwards, and includes of a venue's wire that it may not see.
func wrongIncludes(_ file: SourceFile, _ headers: HeaderMap) -> [Violation] {
    guard file.language == .c else { return [] }
    let includes = includes(of: file)
    if !file.path.hasPrefix("CCore/") {
        let foreign = includes.compactMap { foreignInclude(file, $0) }
        let isWire = file.path.hasPrefix("Sources/Venues/")
        return foreign + (isWire ? includes.compactMap { wrongWireInclude(file, $0) } : [])
    }
    guard let own = ownFolder(of: file, headers) else { return [] }
    return includes.compactMap { include in
        guard let used = includedFolder(include.groups[0], by: file, headers),
            ranks[used, default: 0] > ranks[own, default: 0]
        else { return nil }
        return file.violation(
            "include", line: include.line,
            "\(own) includes \(include.groups[0]) of \(used), which stands above it")
    }
}

/// OpenSSL, libwebsockets and liburing are the core's alone (docs/architecture.md).
private func foreignInclude(_ file: SourceFile, _ include: Match) -> Violation? {
    let path = include.groups[0]
    let libraries = ["openssl/", "libwebsockets", "liburing"]
    guard libraries.contains(where: { path.hasPrefix($0) }) else { return nil }
    return file.violation("include", line: include.line, "only CCore includes \(path)")
}

private func wrongWireInclude(_ file: SourceFile, _ include: Match) -> Violation? {
    let path = include.groups[0]
    guard path.hasPrefix("nt/"), !wireHeaders.contains(String(path.dropFirst(3))) else {
        return nil
    }
    let allowed = wireHeaders.sorted().joined(separator: " ")
    return file.violation(
        "include", line: include.line,
        "a venue's wire sees only \(allowed) of the core, not \(path)")
}

private func ownFolder(of file: SourceFile, _ headers: HeaderMap) -> String? {
    if file.path.hasPrefix(headerFolder) {
        return headers.folder(ofHeader: stem(file))
    }
    return coreFolder(file.path)
}

/// The folder an include leads to; nil for system headers and files of the same folder.
private func includedFolder(
    _ path: String, by file: SourceFile, _ headers: HeaderMap
) -> String? {
    let parts = path.split(separator: "/").filter { $0 != ".." && $0 != "." }
    if path.hasPrefix("nt/") {
        return headers.folder(ofHeader: String(path.dropFirst(3).dropLast(2)))
    }
    guard parts.count > 1 else { return nil }
    return ranks[String(parts[0])] == nil ? nil : String(parts[0])
}
