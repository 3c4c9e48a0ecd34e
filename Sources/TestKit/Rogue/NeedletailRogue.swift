// NeedletailRogue.swift — `needletail-rogue`: a live bot whose strategy rests orders and then, on
// SIGUSR2, traps or never returns. For tests of the guard; installed nowhere.
//
//   needletail-rogue CONFIG trap|loop
import Bot
import Core
import Foundation
import Glibc
import Strategy
import Synchronization

@main
enum NeedletailRogue {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let vice = Vice(rawValue: arguments[2]) else {
            end(2, "needletail-rogue CONFIG trap|loop")
        }
        signal(SIGUSR2) { _ in provoked.store(true, ordering: .relaxed) }
        let asked = Ask()
        do throws(BotError) {
            let session = try start(arguments[1], vice)
            let runner = SessionRunner(session: session, title: "rogue", showsView: false)
            runner.run(seconds: nil) { asked.isRaised }
            let summary = runner.finish(keepOrders: false)
            end(summary.cleanShutdown ? 0 : 7, summary.shutdown)
        } catch {
            end(error.exitCode, error.text)
        }
    }

    private static func start(_ file: String, _ vice: Vice) throws(BotError) -> BotSession {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: file)
        } catch {
            throw .configuration(error)
        }
        let envFile = URL(fileURLWithPath: file).deletingLastPathComponent()
            .appendingPathComponent(".env").path
        var environment = BotEnvironment()
        environment.keys = try Secrets.binance(environment: [:], envFile: envFile)
        environment.guardArguments = ["-c", file]
        environment.strategy = { lots in StrategyHost(Rogue(lots: lots, vice: vice)) }
        environment.log = { say($0) }
        return try BotSession(configuration, environment)
    }

    private static func say(_ text: String) {
        // A reader that went away is no failure of ours.
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    private static func end(_ code: Int32, _ text: String) -> Never {
        say(text)
        exit(code)
    }
}

/// SIGINT ends in order.
private final class Ask: Sendable {
    private let count = Atomic<Int>(0)
    nonisolated(unsafe) private var source: (any DispatchSourceSignal)?

    init() {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [self] in count.add(1, ordering: .relaxed) }
        source.resume()
        self.source = source
    }

    var isRaised: Bool { count.load(ordering: .relaxed) > 0 }
}

enum Vice: String {
    case trap
    case loop
}

/// Set by SIGUSR2.
private let provoked = Atomic<Bool>(false)

/// Keeps two orders a symbol at rest, far from the market, until it is provoked.
private struct Rogue: Strategy {
    private static let orders: UInt32 = 2
    let lots: [Int64]
    let vice: Vice

    mutating func onMarket(_ event: MarketEvent, _ context: LaneContext, _ intents: Intents) {
        if provoked.load(ordering: .relaxed) { misbehave() }
        let slot = Int(event.instrument.slot)
        guard slot < lots.count, context.isValid, context.isTrading,
            context.openOrders < Self.orders
        else { return }
        // Each at another price: the gate takes two equal ones for a mistake.
        let below = 80 - Int64(context.openOrders)
        let price = Price(ticks: context.bid.price.ticks / 100 * below)
        intents.place(
            event.instrument, .buy, Quantity(lots: lots[slot]), type: .limit, price: price)
    }

    private func misbehave() {
        switch vice {
        case .trap: preconditionFailure("the strategy was told to trap")
        case .loop: while provoked.load(ordering: .relaxed) {}
        }
    }
}
