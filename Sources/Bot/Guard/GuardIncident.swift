// GuardIncident.swift — what the guard did for want of a bot, left for the next start: it stays
// halted until a person has looked.
import Core
import Foundation
import Glibc

public struct GuardIncident: Codable, Sendable, Equatable {
    public enum Cause: String, Codable, Sendable {
        /// The process was there and its lane did not turn.
        case hung
        /// The process was gone without having ended.
        case died
        /// It ended, and said that orders may be left.
        case failed
    }

    public var cause: Cause
    /// UTC.
    public var time: String
    /// For people.
    public var text: String
    /// Of the bot, as in the pulse.
    public var run: UInt32
    public var pid: UInt32
    /// The venue has shown that none of its orders is left.
    public var isClear = false

    public init(cause: Cause, time: String, text: String, run: UInt32, pid: UInt32) {
        self.cause = cause
        self.time = time
        self.text = text
        self.run = run
        self.pid = pid
    }

    /// On disk when it returns: what is lost with the power is no warning.
    public func write(_ directory: DataDirectory) throws(BotError) {
        let path = directory.guardIncident
        let draft = path + ".new"
        let folder = (path as NSString).deletingLastPathComponent
        _ = mkdir(folder, 0o700)
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.problem(draft) }
        defer { close(file) }
        let bytes = Array((try? JSONText.encode(self)) ?? Data("{}".utf8))
        guard write(file, bytes) == bytes.count, fsync(file) == 0, rename(draft, path) == 0 else {
            throw Self.problem(draft)
        }
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            _ = fsync(parent)
            close(parent)
        }
    }

    private func write(_ file: Int32, _ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    }

    private static func problem(_ path: String) -> BotError {
        .setup("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }

    /// Nil: there is none. One that cannot be read is an incident all the same.
    public static func read(_ directory: DataDirectory) -> GuardIncident? {
        let path = directory.guardIncident
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return (try? JSONText.decode(GuardIncident.self, data))
            ?? GuardIncident(
                cause: .failed, time: "", text: "\(path) cannot be read", run: 0, pid: 0)
    }

    public static func remove(_ directory: DataDirectory) { unlink(directory.guardIncident) }
}
