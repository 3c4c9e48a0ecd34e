// SimCommand.swift — `needletail sim serve`: the venue simulator alone.
import ArgumentParser
import Bot
import Core
import Foundation
import Simulator

struct SimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sim", abstract: "The venue simulator.",
        discussion: "Example: needletail sim serve --port 0", subcommands: [SimServe.self])
}

struct SimServe: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves a simulated venue on loopback until stopped.",
        discussion: """
            Prints its URLs, CA file and demo keys once it is ready.
            Example: needletail sim serve --venue binance --port 0 --json
            """)

    @Option(help: "The venue: binance.")
    var venue = "binance"
    @Option(help: "Port on loopback; 0 = any free one.")
    var port: UInt16 = 8443
    @Option(help: "Replay this recorded capture instead of generated markets.")
    var data: String?
    @Option(help: "Market seconds per second.")
    var speed = 1.0
    @Option(help: "Fault script, see docs/simulator.md.")
    var faults: String?
    @Option(help: "Seed of the generated markets.")
    var seed: UInt64 = 6
    @Option(help: "Request weight a minute that it allows.")
    var weight = 6000
    @Option(help: "Where certificates and keys are kept.")
    var stateDir = "var/venue"
    @Option(
        name: .customLong("max-connection-age"),
        help: "End every connection after so many seconds; the venue's own rule is 24 hours.")
    var maxConnectionAge = 86_400.0
    @Option(
        name: .customLong("ping-interval"),
        help: "Ping so often, seconds; three times as long without a pong cuts off.")
    var pingInterval = 20.0
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (0.1...1e6).contains(maxConnectionAge), (0.1...1e6).contains(pingInterval) else {
            throw ValidationError("--max-connection-age and --ping-interval are 0.1 to 1000000.")
        }
        guard venue == "binance" else {
            throw ValidationError("There is no simulator of \(venue); there is: binance.")
        }
        guard speed > 0, speed <= 1000 else {
            throw ValidationError("--speed is above 0, up to 1000.")
        }
        guard (1...1_000_000).contains(weight) else {
            throw ValidationError("--weight is from 1 to 1000000.")
        }
    }

    func run() throws {
        let interrupts = Interrupts()
        let server = try start()
        if common.json { try Output.json(server.details) } else { show(server.details) }
        while !interrupts.isRaised { Thread.sleep(forTimeInterval: 0.05) }
        server.stop()
    }

    private func start() throws -> SimulatorServer {
        do {
            let markets =
                try data.map { try DemoMarkets.capture($0) }
                ?? DemoMarkets.standard(directory: "data")
            Output.error("market: \(markets.origin)")
            var configuration = SimulatorConfiguration(
                markets: markets.markets, stateDirectory: stateDir)
            configuration.port = port
            configuration.speed = speed
            configuration.seed = seed
            configuration.weightPerMinute = weight
            configuration.balances = ["USDT": Money(100_000), "USD": Money(100_000)]
            configuration.faultScript = try faultScript()
            configuration.connections.maxAge = Int64(maxConnectionAge * 1_000)
            configuration.connections.pingInterval = Int64(pingInterval * 1_000)
            configuration.connections.pongPatience = Int64(pingInterval * 3_000)
            return try SimulatorServer.start(configuration)
        } catch let error as BotError {
            throw CommandFailure(error, isJSON: common.json)
        } catch let error as SimulatorError {
            throw CommandFailure(2, "\(error)", isJSON: common.json)
        }
    }

    private func faultScript() throws(BotError) -> String {
        guard let faults else { return "" }
        guard let data = FileManager.default.contents(atPath: faults),
            let text = String(data: data, encoding: .utf8)
        else { throw .setup("\(faults) cannot be read as text") }
        return text
    }

    private func show(_ details: SimulatorDetails) {
        Output.lines([
            "venue     \(details.venue), symbols \(details.symbols.joined(separator: ", "))",
            "REST      \(details.restURL)",
            "streams   \(details.wsURL)",
            "orders    \(details.wsApiURL)",
            "CA file   \(details.caFile)",
            "HMAC key  \(details.apiKey), secret \(details.apiSecret)",
            "Ed25519   \(details.ed25519ApiKey), key file \(details.ed25519KeyFile)",
        ])
    }
}
