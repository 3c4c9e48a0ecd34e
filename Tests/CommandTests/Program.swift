// Program.swift — starts the real program as a user would, and never waits without a limit.
import Foundation

/// The release build: `NEEDLETAIL_BIN`, else where `make release` leaves it.
enum Program {
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["NEEDLETAIL_BIN"], !path.isEmpty {
            return URL(fileURLWithPath: path).path
        }
        return root.appendingPathComponent(".build/release/needletail").path
    }()

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static var exists: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Runs it to its end. What does not end in time is killed and has no status.
    static func run(
        _ arguments: [String], in folder: Folder, environment: [String: String] = [:],
        within seconds: Double = 20
    ) throws -> Ended {
        let running = try Running(arguments, in: folder, environment: environment)
        let status = running.wait(seconds)
        if status == nil { running.kill() }
        return Ended(status: status, output: running.output, errors: running.errors)
    }

    /// Runs any other command of the system to its end and returns its output; empty if it failed.
    static func shell(_ script: String, _ arguments: [String], in folder: Folder) throws -> Ended {
        let running = try Running(
            ["-c", script] + arguments, in: folder, executable: "/bin/sh")
        let status = running.wait(30)
        if status == nil { running.kill() }
        return Ended(status: status, output: running.output, errors: running.errors)
    }
}

/// What came of one run.
struct Ended {
    /// Negative: ended by that signal. Nil: it had to be killed.
    let status: Int32?
    let output: String
    let errors: String

    /// Standard output as exactly one JSON document.
    func document() throws -> Document { try Document(exactly: output) }
}

/// A folder of one test, removed with it.
final class Folder {
    let path: String
    private var count = 0

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/nt-command-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A name that was not used before.
    func fresh(_ suffix: String) -> String {
        count += 1
        return "\(path)/\(count).\(suffix)"
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        guard chmod(file, mode) == 0 else { throw POSIXError(.EIO) }
        return file
    }
}

/// Looks every ten milliseconds until it is so, or the time is over.
func eventually(within seconds: Double, _ isSo: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    repeat {
        if try isSo() { return true }
        Thread.sleep(forTimeInterval: 0.01)
    } while Date() < deadline
    return try isSo()
}
