// ReplayFixtures.swift — composed recordings in a temporary folder, and where recorded ones lie.
import Foundation
import Testing

/// A folder that goes with the test.
final class ReplayFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    @discardableResult
    func write(_ name: String, _ lines: [String]) throws -> String {
        let text = lines.map { $0 + "\n" }.joined()
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
        return path(name)
    }

    /// The same, compressed; `keeping` cuts the result to its first bytes.
    func writeCompressed(_ name: String, _ lines: [String], keeping: Int? = nil) throws -> String {
        let plain = try write(name, lines)
        try runTool("gzip", ["-f", plain])
        let compressed = plain + ".gz"
        if let keeping {
            let data = try Data(contentsOf: URL(fileURLWithPath: compressed))
            try data.prefix(keeping).write(to: URL(fileURLWithPath: compressed))
        }
        return compressed
    }

    func unzip(_ archive: String) throws -> [String] {
        try runTool("unzip", ["-q", "-o", archive, "-d", url.path])
        return try FileManager.default.contentsOfDirectory(atPath: url.path).map { path($0) }
    }
}

struct ToolFailure: Error {
    let tool: String
    let status: Int32
}

private func runTool(_ tool: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ToolFailure(tool: tool, status: process.terminationStatus)
    }
}

/// Recorded material that is not part of the project.
enum Recorded {
    static let missing: Comment = """
        SKIPPED: recorded material is absent; set NEEDLETAIL_SHARED to the folder that holds \
        data/, or put it beside the package as ../shared
        """

    /// The folder's path, whether or not it exists.
    static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["NEEDLETAIL_SHARED"] {
            return URL(fileURLWithPath: named)
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared")
    }()

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path(name))
    }

    /// Names in a folder that end in one of `suffixes`, sorted; none when it is absent.
    static func names(_ name: String, _ suffixes: [String]) -> [String] {
        let all = try? FileManager.default.contentsOfDirectory(atPath: path(name))
        return (all ?? []).filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted()
    }
}
