// PageProcess.swift — starts `needletail-web` beside the bot, as a process of its own, and knows
// its address. The bot does without it when it does not start.
import Foundation
import Glibc
import Synchronization

public final class PageProcess: Sendable {
    private static let patience: Int32 = 5_000
    private static let longestAnnouncement = 4096
    /// With the one-time token.
    public let url: String
    private let process: Mutex<Process>

    private init(url: String, _ process: sending Process) {
        self.url = url
        self.process = Mutex(process)
    }

    /// The program beside this one; nil when it was not built or installed.
    public static var program: String? {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard let own else { return nil }
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent("needletail-web").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : nil
    }

    /// Starts it for the bot in `dataDirectory`. It says its address on standard error itself, ends
    /// with this process, and is given no key: of the environment it sees what names no secret.
    public static func start(dataDirectory: String) throws(BotError) -> PageProcess {
        guard let program else {
            throw .setup("needletail-web is not beside this program; `make release` builds both")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--data-dir", dataDirectory, "--json", "--with-parent"]
        process.environment = ProcessInfo.processInfo.environment.filter {
            ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH"].contains($0.key)
        }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw .setup("the page cannot be started: \(error.localizedDescription)")
        }
        guard let url = announcement(output.fileHandleForReading.fileDescriptor) else {
            process.terminate()
            throw .setup("needletail-web did not say its address in time")
        }
        return PageProcess(url: url, process)
    }

    private struct Announcement: Decodable {
        var dashboardUrl: String
    }

    /// Its first line, if that comes in time.
    private static func announcement(_ descriptor: Int32) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < longestAnnouncement {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, patience) > 0, read(descriptor, &byte, 1) == 1 else { break }
            if byte == UInt8(ascii: "\n") {
                return (try? JSONText.decode(Announcement.self, Data(line)))?.dashboardUrl
            }
            line.append(byte)
        }
        return nil
    }

    /// Opens the page where there is a desktop to open it on. The address works once: whoever is
    /// first, this browser or a person who copies it, is let in.
    public func open() {
        let environment = ProcessInfo.processInfo.environment
        guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else { return }
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let opener = folders.map { "\($0)/xdg-open" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let opener else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: opener)
        process.arguments = [url]
        process.environment = SecretNames.harmlessEnvironment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        // No browser is no failure: the address was printed.
        try? process.run()
    }

    public func stop() {
        process.withLock { process in
            guard process.isRunning else { return }
            process.terminate()
            process.waitUntilExit()
        }
    }
}
