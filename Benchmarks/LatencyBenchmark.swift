// LatencyBenchmark.swift — TickToOrder and OrderToReply against the simulator, over TLS.
//
// The bot's own threads and connections on loopback: simulator, lane, journal, tape. The market
// goes on whether the bot keeps up or not, so a stall counts in every message that waited. The
// stages are those that the lane itself measures in live trading, clock readings included.
import Binance
import Core
import Foundation
import Simulator
import Strategy
import VenueKit

final class LatencyBenchmark {
    private let orders: Int
    private let simulator: SimulatorServer
    private let venue: BinanceVenue
    // The lane uses it until its thread has ended.
    private let codec: BinanceCodec
    private let instrument: Instrument
    private let duty: Duty

    private static let patience: Int64 = 60_000_000_000
    private static let fullOrders = 4000

    static func run(
        _ options: BenchmarkOptions, _ directory: String
    ) throws(BenchmarkError) -> [BenchmarkRow] {
        let benchmark: LatencyBenchmark
        do {
            benchmark = try LatencyBenchmark(options, directory)
        } catch {
            throw BenchmarkError("latency: \(error)")
        }
        defer { benchmark.simulator.stop() }
        try benchmark.trade()
        return benchmark.rows()
    }

    private init(_ options: BenchmarkOptions, _ directory: String) throws {
        orders = options.samples(Self.fullOrders)
        simulator = try SimulatorServer.start(Self.market(options, directory + "/venue"))
        let details = simulator.details
        let pem = try String(contentsOfFile: details.ed25519KeyFile, encoding: .utf8)
        let credentials = BinanceCredentials(apiKey: details.ed25519ApiKey, secret: .ed25519(pem))
        let port = URLComponents(string: details.restURL)?.port ?? 0
        venue = try BinanceVenue(
            .custom(host: "127.0.0.1", port: UInt16(port), caFile: details.caFile),
            credentials: credentials, transport: Connector(), clock: .system,
            budget: RequestBudget(percent: 90))
        instrument = try venue.instruments(["BTCUSDT"])[0]
        codec = try BinanceCodec(
            instruments: [instrument], instance: 1, credentials: credentials)
        let streams = try venue.streams(withOrders: true) + [StreamConfiguration(role: .snapshot)]
        var lane = LaneConfiguration(
            instruments: [instrument], roles: streams.map(\.role), codec: codec.pointer,
            clock: .system)
        lane.agreeGap = -1  // Trades at once.
        lane.journalDirectory = try TemporaryFolder.make(directory, "journal")
        lane.tapeDirectory = try TemporaryFolder.make(directory, "tape")
        lane.accountLimits = BenchmarkLimits.account
        lane.instrumentLimits = [BenchmarkLimits.instrument]
        lane.maxOrders = UInt32(orders + 64)
        duty = try Duty(
            DutyConfiguration(streams: streams), lane: lane,
            handler: StrategyHost(Pulse(orders: orders)))
    }

    private static func market(
        _ options: BenchmarkOptions, _ directory: String
    ) -> SimulatorConfiguration {
        var market = SimulatedMarket(
            symbol: "BTCUSDT", base: "BTC", quote: "USDT", source: .flow(start: 60_000))
        market.stepsPerSecond = 400
        var configuration = SimulatorConfiguration(markets: [market], stateDirectory: directory)
        configuration.seed = options.seed
        configuration.balances = ["USDT": Money(10_000_000), "BTC": Money(10)]
        configuration.ordersPerTenSeconds = 1_000_000
        configuration.weightPerMinute = 100_000_000
        return configuration
    }

    /// Until every order was sent and answered.
    private func trade() throws(BenchmarkError) {
        do throws(CoreError) {
            try duty.start()
        } catch {
            throw BenchmarkError("latency: \(error.text)")
        }
        let end = Clock.system.monotonic + Self.patience
        while duty.lane.latency(.reply).count < orders, Clock.system.monotonic < end {
            serve()
            Thread.sleep(forTimeInterval: 0.002)
        }
        let answered = duty.lane.latency(.reply).count
        stop()
        guard answered >= orders else {
            throw BenchmarkError("latency: \(answered) of \(orders) orders were answered in time")
        }
    }

    private func serve() {
        while let notice = duty.lane.nextNotice() {
            guard case .snapshotWanted(let instrument) = notice.content else { continue }
            // What cannot be fetched or handed over is asked for again by the lane.
            let body = try? venue.depthBody(self.instrument)
            try? duty.post(snapshot: body, of: instrument)
        }
    }

    private func stop() {
        let isAsked = (try? duty.send(.stop(keepOrders: false))) != nil
        let end = Clock.system.monotonic + 5_000_000_000
        while isAsked, !duty.lane.isStopped, Clock.system.monotonic < end {
            serve()
            Thread.sleep(forTimeInterval: 0.002)
        }
        duty.join(force: !duty.lane.isStopped)
    }

    private func rows() -> [BenchmarkRow] {
        // Prices depend on the moment; that each order was made, in its turn, and has ended does
        // not.
        let hash = duty.lane.orders.reduce(hashStart) { hash, order in
            fold(fold(hash, order.key.sequence), order.state.isTerminal ? 1 : 0)
        }
        let stages: [(LatencyStage, String)] = [
            (.decode, "tick to book"), (.decide, "strategy's call"),
            (.order, "tick to order (lane waits in the kernel)"), (.reply, "order to reply"),
        ]
        return stages.map { stage, name in
            let figures = duty.lane.latency(stage)
            return BenchmarkRow(
                subject: BenchmarkSubject.latency.rawValue, operation: name,
                p50: Double(figures.p50), p99: Double(figures.p99), p999: Double(figures.p999),
                max: Double(figures.max), count: Int(figures.count), batch: 1,
                hash: String(hash, radix: 16))
        }
    }
}

/// In and out by turns, one order at a time, at quotes: as many orders as the run needs.
private struct Pulse: Strategy {
    private static let lots: Int64 = 1000
    private var left: Int

    init(orders: Int) { left = orders }

    mutating func onMarket(_ event: MarketEvent, _ context: LaneContext, _ intents: Intents) {
        guard left > 0, event.kind == .quote, context.isValid, context.isTrading,
            context.openOrders == 0
        else { return }
        left -= 1
        // What can be sold, not what is held: the venue keeps its fee out of what was bought.
        let isLong = context.sellableLots >= Self.lots / 2
        let touch = (isLong ? context.bid : context.ask).price.ticks
        let slip = touch / 1000
        intents.place(
            event.instrument, isLong ? .sell : .buy,
            Quantity(lots: isLong ? context.sellableLots : Self.lots), type: .limit,
            price: Price(ticks: isLong ? touch - slip : touch + slip), timeInForce: .ioc,
            reduceOnly: isLong)
    }

    mutating func onRefusal(_ refusal: OrderRefusal, _ context: LaneContext, _ intents: Intents) {
        left += 1
    }
}
