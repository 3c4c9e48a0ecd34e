// GuardProcess.swift — starts `needletail-guard` beside the bot, so that it outlives it.
import Foundation
import Glibc

enum GuardProcess {
    /// What a guard may see of the bot's environment: its keys, and whom to tell.
    private static let names = ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "NOTIFY_CA_FILE"]
    private static let prefixes = ["GUARD_", "BINANCE_", "NOTIFY_", "TELEGRAM_"]

    /// POSIX_SPAWN_SETSID of <spawn.h>, which Swift's view of the C library leaves out.
    private static let newSession: Int32 = 0x80

    /// The program beside this one; nil when it was not built or installed.
    static var program: String? {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard let own else { return nil }
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent("needletail-guard").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : nil
    }

    /// In a session of its own: neither Ctrl-C nor the bot's death reaches it. It ends with the bot
    /// when that ends on purpose. Returns its process id.
    static func start(
        _ arguments: [String], errors: String
    ) throws(BotError) -> pid_t {
        guard let program else {
            throw .setup("needletail-guard is not beside this program; `make release` builds both")
        }
        _ = mkdir((errors as NSString).deletingLastPathComponent, 0o700)
        let shown = ProcessInfo.processInfo.environment.filter { name, _ in
            names.contains(name) || prefixes.contains { name.hasPrefix($0) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let append = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, errors, append, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        defaultSignals(&attributes)
        keepFilesFromChildren()
        var id: pid_t = 0
        let status = withCStrings([program] + arguments) { arguments in
            withCStrings(shown.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&id, program, &actions, &attributes, arguments, environment)
            }
        }
        guard status == 0 else {
            throw .setup("needletail-guard cannot be started: \(String(cString: strerror(status)))")
        }
        return id
    }

    /// What the bot, or whoever started it, has open ends with the bot: locks among them.
    private static func keepFilesFromChildren() {
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        for file in (open ?? []).compactMap({ Int32($0) }) where file > 2 {
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        }
    }

    /// The bot ignores some signals; that would be inherited.
    private static func defaultSignals(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | newSession
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var copies = texts.map { strdup($0) }
        copies.append(nil)
        defer { copies.forEach { free($0) } }
        return copies.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("the closing nil is always there")
            }
            return body(base)
        }
    }
}
