// NeedletailGuard.swift — `needletail-guard`: watches over one live bot on this machine, and
// cancels what it left at the venue when it hangs or dies.
//
// A process of its own with a key and a connection of its own: whatever befalls the bot does not
// befall it. It runs no strategy and places no order.
import ArgumentParser
import Bot
import Core
import Dispatch
import Foundation
import Glibc
import Synchronization

@main
struct NeedletailGuard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needletail-guard",
        abstract: "Cancels a live bot's orders when the bot hangs or dies.",
        discussion: """
            Reads the bot's own configuration file; GUARD_BINANCE_API_KEY and its secret in .env
            are its key, else the bot's. What it does stands in guard/guard.jsonl of the data
            directory; `needletail guard` shows it.
            Exit codes: 0 ended in order, 1 it had to cancel, and proved that nothing is left,
            2 usage or configuration, 3 refused, 4 cannot reach the venue, 5 asked to end before
            that was proven, 75 another guard is at work.
            Example: needletail-guard -c needletail.yaml
            """,
        version: needletailVersion)

    @Option(name: [.short, .customLong("config")], help: "The bot's configuration file.")
    var config: String
    @Option(help: "key=value: put over the file's for this run; may be repeated.")
    var set: [String] = []
    @Flag(help: "End when the bot has ended.")
    var once = false
    @Flag(help: "Print one JSON document on standard output at the end.")
    var json = false

    func run() throws {
        let interrupts = EndRequests()
        let outcome: GuardOutcome
        do throws(BotError) {
            let service = try start(interrupts)
            outcome = service.run()
        } catch {
            Standard.error("needletail-guard: \(error.text)")
            if json { Standard.json(["error": error.text]) }
            throw ExitCode(error.exitCode)
        }
        if json { Standard.json(["outcome": "\(outcome)"]) }
        switch outcome {
        case .ended: return
        case .struck: throw ExitCode(1)
        case .unproven: throw ExitCode(5)
        }
    }

    private func start(_ interrupts: EndRequests) throws(BotError) -> GuardService {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: config, overrides: set)
        } catch {
            throw .configuration(error)
        }
        try BotEnvironment.forbidDumps()
        let envFile = URL(fileURLWithPath: config).deletingLastPathComponent()
            .appendingPathComponent(".env").path
        let variables = ProcessInfo.processInfo.environment
        var environment = GuardEnvironment()
        environment.keys = try Secrets.guardian(environment: variables, envFile: envFile)
        environment.botKeys = try Secrets.binance(environment: variables, envFile: envFile)
        environment.notify = try NotifyTargets.read(
            configuration.notify, environment: variables, envFile: envFile)
        environment.isOnce = once
        environment.log = { Standard.error(Redactor.live.redact($0)) }
        environment.isInterrupted = { interrupts.isRaised }
        return try GuardService(configuration, environment)
    }

    /// Usage errors end with 2, as everywhere.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            let isHelp = exitCode(for: error) == .success
            let text = fullMessage(for: error)
            if isHelp { Standard.output(text) } else { Standard.error(text) }
            if !isHelp, CommandLine.arguments.contains("--json") {
                Standard.json(["error": message(for: error)])
            }
            Glibc.exit(isHelp ? 0 : 2)
        }
    }
}

/// SIGTERM and Ctrl-C ask for the end; the guard says what was left undone.
private final class EndRequests: Sendable {
    private let count = Atomic<Int>(0)
    nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

    init() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in count.add(1, ordering: .relaxed) }
            source.resume()
            sources.append(source)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    var isRaised: Bool { count.load(ordering: .relaxed) > 0 }
}

private enum Standard {
    static func output(_ text: String) { write(text, FileHandle.standardOutput) }
    static func error(_ text: String) { write(text, FileHandle.standardError) }

    /// One document, one line.
    static func json(_ value: [String: String]) {
        let data = (try? JSONText.encode(value)) ?? Data("{}".utf8)
        output(String(decoding: data, as: UTF8.self))
    }

    private static func write(_ text: String, _ handle: FileHandle) {
        // A reader that went away is no failure of ours.
        try? handle.write(contentsOf: Data((text + "\n").utf8))
    }
}
