// RunCommand.swift — `needletail run`: the bot.
import ArgumentParser
import Bot
import Foundation

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the bot until Ctrl-C, or for a number of seconds.",
        discussion: """
            Paper trading needs no key: the venue's real market data, orders filled
            by our own matcher. Live trading needs mode: live in the file, every limit
            set, a key in .env, and --arm-live with the account's name.
            Example: needletail run -c needletail.yaml --mode paper
            """)

    @Option(name: [.short, .customLong("config")], help: "The configuration file.")
    var config: String

    @Option(help: "paper or live; paper wins over mode: live in the file, never the reverse.")
    var mode: String?

    @Option(help: "Name of the account to trade for real.")
    var armLive: String?

    @Option(help: "Stop after so many seconds.")
    var seconds: Int?

    @Flag(help: "Leave open orders at the venue when stopping.")
    var keepOrders = false

    @Flag(help: "Show the live view instead of log lines.")
    var view = false

    @OptionGroup var set: SetOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let mode, Mode(rawValue: mode) == nil {
            throw ValidationError("--mode is paper or live, not \(mode).")
        }
        if let seconds, seconds < 1 { throw ValidationError("--seconds must be at least 1.") }
    }

    func run() throws {
        let interrupts = Interrupts()
        let session: BotSession
        do throws(BotError) {
            session = try start()
        } catch {
            throw CommandFailure(error, isJSON: common.json)
        }
        interrupts.onHalt { session.halt(reason: "SIGUSR1") }
        let runner = SessionRunner(
            session: session, title: "needletail run · \(session.configuration.mode.rawValue)",
            showsView: showsView)
        runner.run(seconds: seconds) { interrupts.isRaised }
        let summary = runner.finish(keepOrders: keepOrders)
        if common.json { try Output.json(summary) } else { Output.lines(summary.lines) }
        if !summary.cleanShutdown { throw ExitCode(7) }
    }

    /// Where nothing can be drawn, log lines tell.
    private var showsView: Bool { view && !common.json && Screen().repaints }

    private func start() throws(BotError) -> BotSession {
        var configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: config, overrides: set.overrides)
        } catch {
            throw .configuration(error)
        }
        if mode == "live", configuration.mode != .live {
            throw .refused("--mode live needs mode: live in \(config) as well")
        }
        if mode == "paper" { configuration.mode = .paper }
        try BotEnvironment.forbidDumps()
        var environment = BotEnvironment()
        let envFile = URL(fileURLWithPath: config).deletingLastPathComponent()
            .appendingPathComponent(".env").path
        environment.keys = try Secrets.binance(
            environment: ProcessInfo.processInfo.environment, envFile: envFile)
        environment.notify = try NotifyTargets.read(
            configuration.notify, environment: ProcessInfo.processInfo.environment,
            envFile: envFile)
        environment.armed = armLive
        environment.guardArguments = ["-c", config] + set.overrides.flatMap { ["--set", $0] }
        let quiet = showsView
        environment.log = { text in if !quiet { Output.error(Redactor.live.redact(text)) } }
        return try BotSession(configuration, environment)
    }
}
