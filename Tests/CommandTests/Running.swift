// Running.swift — a process under way, started by posix_spawn(3).
//
// Not by Foundation's Process: it reads past a directory entry when many files are open.
import Foundation
import Glibc

/// Its output goes to files, so that it never waits for a reader. It ends with this object.
final class Running {
    private let id: pid_t
    private let outputFile: String
    private let errorFile: String
    private let folder: Folder
    /// Where lines are said to it; nil: it has no input.
    private let input: Int32?
    /// Set once it has ended; negative: by that signal.
    private var status: Int32?

    init(
        _ arguments: [String], in folder: Folder, environment: [String: String] = [:],
        executable: String = Program.path, takesInput: Bool = false
    ) throws {
        self.folder = folder
        outputFile = folder.fresh("out")
        errorFile = folder.fresh("err")
        // Only what is handed in: no key and no setting of the person who runs the tests.
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let variables = ["PATH": path, "HOME": folder.path, "COLUMNS": "400"]
            .merging(environment) { _, given in given }
        let entered = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path, executable]
        if takesInput { signal(SIGPIPE, SIG_IGN) }
        let pipe = takesInput ? try Self.pipe() : nil
        defer { if let pipe { close(pipe.read) } }
        input = pipe?.write
        id = try Self.spawn(
            entered + arguments, variables.map { "\($0)=\($1)" }, input: pipe?.read,
            output: outputFile, errors: errorFile)
    }

    deinit {
        if let input { close(input) }
        kill()
    }

    /// Neither end goes to a child by itself.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        ends.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// No input unless given, output to files, signals as they are by default.
    private static func spawn(
        _ arguments: [String], _ environment: [String], input: Int32?, output: String,
        errors: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let create = O_WRONLY | O_CREAT | O_TRUNC
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var id: pid_t = 0
        let status = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&id, arguments[0]!, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
        return id
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return copies.withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    var output: String { Self.read(outputFile) }
    var errors: String { Self.read(errorFile) }

    private static func read(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// A line on its input.
    func say(_ line: String) {
        guard let input else { return }
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
    }

    var isRunning: Bool {
        var raw: Int32 = 0
        if status == nil, waitpid(id, &raw, WNOHANG) == id {
            status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : -(raw & 0x7F)
        }
        return status == nil
    }

    /// The exit status, or nil when it is still running after so long.
    func wait(_ seconds: Double) -> Int32? {
        eventually(within: seconds) { !isRunning } ? status : nil
    }

    /// Ctrl-C; then as `wait`.
    func interrupt(_ seconds: Double = 15) -> Int32? {
        send(SIGINT)
        return wait(seconds)
    }

    func send(_ signal: Int32) {
        if isRunning { Glibc.kill(id, signal) }
    }

    /// SIGKILL: no chance to tidy up.
    func kill() {
        send(SIGKILL)
        _ = wait(5)
    }
}
