// DemoCommand.swift — `needletail demo`: see it trade, without a key and without a network.
import ArgumentParser
import Bot
import Core
import Foundation

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Simulated venue and bot in one go, over the real network path.",
        discussion: """
            Runs until Ctrl-C, or for --seconds. Nothing leaves this machine.
            Example: needletail demo --seconds 20 --json
            """)

    @Option(help: "Stop after so many seconds.")
    var seconds: Int?
    @Option(help: "Market seconds per second.")
    var speed = 1.0
    @Option(help: "The strategy: ema_cross.")
    var strategy = "ema_cross"
    @Option(help: "The simulated venue: binance.")
    var venue = "binance"
    @Option(help: "Replay this recorded capture instead of a generated market.")
    var data: String?
    // Any seed would do; with this one an average crosses within two seconds.
    @Option(help: "Seed of the generated market.")
    var seed: UInt64 = 6
    @Flag(help: "Do not start the page.")
    var noDashboard = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard strategy == "ema_cross" else {
            throw ValidationError("There is no strategy \(strategy); there is: ema_cross.")
        }
        guard venue == "binance" else {
            throw ValidationError("There is no simulator of \(venue); there is: binance.")
        }
        guard speed > 0, speed <= 100 else {
            throw ValidationError("--speed is above 0, up to 100.")
        }
        if let seconds, seconds < 1 { throw ValidationError("--seconds must be at least 1.") }
    }

    func run() throws {
        let interrupts = Interrupts()
        var options = DemoOptions()
        options.speed = speed
        options.seed = seed
        options.data = data
        options.showsPage = !noDashboard
        let demo: Demo
        do throws(BotError) {
            try BotEnvironment.forbidDumps()
            demo = try Demo(
                options,
                log: { text in
                    if text.hasPrefix("no page") { Output.error(text) }
                })
        } catch {
            throw CommandFailure(error, isJSON: common.json)
        }
        announce(demo)
        demo.page?.open()
        let runner = SessionRunner(
            session: demo.session, title: "needletail demo · \(demo.origin)",
            showsView: !common.json)
        var progress = Progress()
        runner.run(seconds: seconds, onTick: { progress.tick(demo.session) }) {
            interrupts.isRaised
        }
        let summary = demo.finish(runner, keepOrders: false)
        if common.json { try Output.json(summary) } else { Output.lines(summary.lines) }
        if !summary.cleanShutdown { throw ExitCode(7) }
    }

    private func announce(_ demo: Demo) {
        Output.error("market: \(demo.origin)")
        Output.error("operate it from another terminal:")
        Output.error("    needletail status --data-dir \(demo.session.directory.root)")
    }
}

/// Says how it goes every two seconds where no live view is drawn.
private struct Progress {
    private var ticks = 0
    private let isQuiet = isatty(STDOUT_FILENO) == 1
    private var hasFilled = false

    mutating func tick(_ session: BotSession) {
        guard !isQuiet else { return }
        ticks += 1
        let counters = session.counters
        if !hasFilled, counters.fills > 0 {
            hasFilled = true
            let seconds = String(format: "%.1f", Double(ticks) / 10)
            Output.error("first fill after \(seconds) s")
        }
        guard ticks % 20 == 0 else { return }
        Output.error(
            "\(ticks / 10) s: \(counters.events) events, \(counters.ordersSent) orders, "
                + "\(counters.fills) fills, profit \(session.profitDocument().net)")
    }
}
