// TemporaryDirectory.swift — a folder of a test's own, gone with it.
import Foundation

public final class TemporaryDirectory {
    private let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("needletail-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Path of a sub-folder, made on first use, closed to others.
    public func path(_ name: String) -> String {
        let folder = url.appendingPathComponent(name)
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder.path
    }
}
