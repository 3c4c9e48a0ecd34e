// OperationsSessionTests.swift — the operating commands against a bot that trades on the
// simulator over TLS.
import Binance
import Core
import Foundation
import Risk
import Simulator
import Synchronization
import Testing
import VenueKit

@testable import Bot

/// The simulator's account with an order that no bot placed.
final class MeddledVenue: Venue {
    let name = "meddled"
    private let real: BinanceVenue
    let isMeddled = Mutex(false)

    init(_ real: BinanceVenue) { self.real = real }

    func rules(_ symbols: [String]) throws(VenueError) -> [InstrumentRules] {
        try real.rules(symbols)
    }
    func serverTime() throws(VenueError) -> Int64 { try real.serverTime() }
    func readClock() throws(VenueError) -> ClockReading { try real.readClock() }
    func depthBody(_ instrument: Instrument) throws(VenueError) -> [UInt8] {
        try real.depthBody(instrument)
    }
    func witnessBody(_ instrument: Instrument) throws(VenueError) -> [UInt8] {
        try real.witnessBody(instrument)
    }
    func lastPrice(_ instrument: Instrument) throws(VenueError) -> Price {
        try real.lastPrice(instrument)
    }
    func balances() throws(VenueError) -> [AccountBalance] { try real.balances() }
    func openOrders(_ instrument: Instrument) throws(VenueError) -> [VenueOrder] {
        let orders = try real.openOrders(instrument)
        guard isMeddled.withLock({ $0 }) else { return orders }
        return orders + [
            VenueOrder(
                id: 1, clientID: "by-hand", side: .buy, state: .open, price: Price(ticks: 100),
                quantity: Quantity(lots: 10), filled: .zero)
        ]
    }
    func order(
        _ clientID: String, _ instrument: Instrument
    ) throws(VenueError) -> VenueOrder { try real.order(clientID, instrument) }
    func trades(
        _ instrument: Instrument, from first: Int64
    ) throws(VenueError) -> [VenueTrade] { try real.trades(instrument, from: first) }
}

/// A bot on a simulator of its own. Unless it is told whom to notify, its desk asks a venue that
/// tests may meddle with.
final class OperatedBot {
    let folder: TemporaryFolder
    let simulator: SimulatorServer
    let session: BotSession
    let venue: MeddledVenue

    init(mode: Mode = .live, notify: NotifyTargets? = nil, weight: Int = 6000) throws {
        folder = try TemporaryFolder()
        var market = SimulatedMarket(
            symbol: "BTCUSDT", base: "BTC", quote: "USDT", source: .flow(start: 50_000))
        market.stepsPerSecond = 60
        var settings = SimulatorConfiguration(
            markets: [market], stateDirectory: folder.path + "/venue")
        settings.balances = ["USDT": Money(100_000)]
        settings.seed = 3
        settings.weightPerMinute = weight
        simulator = try SimulatorServer.start(settings)
        let details = simulator.details
        let pem = String(
            decoding: FileManager.default.contents(atPath: details.ed25519KeyFile) ?? Data(),
            as: UTF8.self)
        var environment = BotEnvironment()
        environment.servesAdmin = false
        environment.keys = VenueKeys(
            apiKey: details.ed25519ApiKey, hmacSecret: nil, ed25519: Secret(pem))
        environment.notify = notify ?? NotifyTargets()
        session = try BotSession(
            Self.configuration(details, mode, folder.path), environment)
        venue = MeddledVenue(try Self.venue(details))
        guard notify == nil else { return }
        let desk = try OperatingDesk(session, venue: venue, notify: NotifyTargets())
        session.state.desk?.stop()
        session.state.open(desk)
        desk.start(at: 0)
    }

    private static func configuration(
        _ details: SimulatorDetails, _ mode: Mode, _ folder: String
    ) -> Configuration {
        var out = Configuration()
        out.mode = mode
        out.dataDirectory = folder + "/bot"
        out.symbols = details.symbols
        out.venue.environment = .simulator
        out.venue.restURL = details.restURL
        out.venue.streamURL = details.wsURL
        out.venue.orderURL = details.wsApiURL
        out.venue.caFile = details.caFile
        out.strategy.fast = 2
        out.strategy.slow = 4
        out.strategy.sampleMilliseconds = 40
        out.strategy.slippagePPM = 2000
        out.account.maxGrossValue = Money(5_000)
        out.account.maxOpenValue = Money(5_000)
        out.account.maxDailyLoss = Money(5_000)
        out.account.maxOpenOrders = 20
        out.account.maxOrdersPerSecond = 50
        out.account.duplicateWindowMilliseconds = 20
        out.defaultLimits.maxOrder = "1"
        out.defaultLimits.maxPosition = "2"
        out.defaultLimits.maxOrderValue = Money(1_000)
        out.defaultLimits.maxAgeMilliseconds = 10_000
        return out
    }

    private static func venue(_ details: SimulatorDetails) throws -> BinanceVenue {
        let url = URLComponents(string: details.restURL)
        let host = BinanceHost(url?.host ?? "", port: UInt16(url?.port ?? 0))
        return try BinanceVenue(
            BinanceEnvironment(
                name: "simulator", rest: host, streams: host, webSocketAPI: host,
                caFile: details.caFile),
            credentials: BinanceCredentials(
                apiKey: details.apiKey, secret: .hmac(details.apiSecret)),
            transport: try Connector(), clock: .system, budget: RequestBudget(percent: 90))
    }

    func end() {
        _ = session.stop(keepOrders: false)
        session.state.desk?.stop()
        simulator.stop()
    }

    func waitForFills(_ count: UInt64 = 2) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline {
            if session.state.read({ $0.fillCount }) >= count { return true }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return false
    }

    /// As a client of the admin socket would: comes back for an errand's answer.
    func ask(_ command: String, _ arguments: [String: String] = [:]) -> AdminReply {
        var reply = session.handle(AdminRequest(command, arguments))
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline,
            let errand = try? JSONText.decode(ErrandDocument.self, reply.document)
        {
            Thread.sleep(forTimeInterval: 0.02)
            reply = session.handle(AdminRequest("errand", ["number": "\(errand.errand)"]))
        }
        return reply
    }

    func document<Document: Decodable>(
        _ type: Document.Type, _ command: String, _ arguments: [String: String] = [:]
    ) throws -> Document {
        try JSONText.decode(type, ask(command, arguments).document)
    }
}

@Suite("Operating a bot", .serialized) struct OperationsSessionTests {
    @Test("Balances, profit and the comparison agree with the venue") func agrees() throws {
        let bot = try OperatedBot()
        defer { bot.end() }
        #expect(bot.waitForFills())
        #expect(bot.ask("halt").exit == 0)
        let balances = try bot.document(BalancesDocument.self, "balances")
        #expect(balances.source == "venue")
        #expect(balances.balances.contains { $0.asset == "USDT" && $0.locked == "0.00000000" })
        let agreed = try bot.document(ReconcileDocument.self, "reconcile")
        #expect(agreed.agrees, "\(agreed)")
        let fills = bot.session.fillDocuments().count
        #expect(agreed.tradesCompared == fills)
        let position = bot.session.positionDocuments()[0]
        for key in ProfitKey.allCases {
            let report = try ProfitReport.read(
                journal: bot.session.directory.journal, by: key, strategy: "ema_cross")
            #expect(report.total.map(\.fills) == [fills])
            #expect(report.total.first?.realised == position.realised)
            #expect(report.total.first?.fees == position.fees)
            #expect(report.rows.count == 1)
        }
    }

    @Test("An order by another hand is found and explained") func finds() throws {
        let bot = try OperatedBot()
        defer { bot.end() }
        bot.venue.isMeddled.withLock { $0 = true }
        let reply = bot.ask("reconcile")
        #expect(reply.exit == 1)
        let found = try JSONText.decode(ReconcileDocument.self, reply.document)
        #expect(found.differences.map(\.id) == ["by-hand"])
        #expect(found.differences.first?.venue == "buy 0.00010, filled 0.00000")
    }

    @Test("A tightened limit refuses the next order, and says why not") func limits() throws {
        let bot = try OperatedBot()
        defer { bot.end() }
        #expect(bot.waitForFills(1))
        let set = bot.ask(
            "limits set", ["key": "max_order_value", "value": "6", "reason": "test"])
        #expect(set.exit == 0, "\(set.error ?? "")")
        let shown = try bot.document(LimitsDocument.self, "limits")
        let limit = shown.limits.first { $0.key == "max_order_value" }
        #expect(limit?.value == "6.00000000")
        #expect(limit?.source.hasSuffix(": test") == true)
        let deadline = Date(timeIntervalSinceNow: 20)
        var report = WhyNotReport(refusals: [], counts: [:])
        while report.counts["order_value"] == nil, Date() < deadline {
            report = try bot.document(WhyNotReport.self, "why-not", ["last": "100"])
            Thread.sleep(forTimeInterval: 0.05)
        }
        let refusal = try #require(report.refusals.first { $0.rules[0].name == "order_value" })
        #expect(refusal.rules[0].limit == "6.00000000" && refusal.rules[0].unit == "USDT")
        #expect(refusal.symbol == "BTCUSDT" && refusal.rules[0].mend.isEmpty == false)
        #expect(bot.ask("why-not", ["symbol": "XYZ"]).exit == 2)
        let loosened = ["key": "max_order_value", "value": "1000", "reason": "test"]
        #expect(bot.ask("limits set", loosened).exit == 3)
        #expect(
            bot.ask("limits set", loosened.merging(["yes": "true"]) { $1 }).exit == 0)
        #expect(bot.ask("limits set", ["key": "max_order_value", "value": "5"]).exit == 2)
    }

    @Test("What happens is logged; stages are reported") func logs() throws {
        let bot = try OperatedBot()
        #expect(bot.waitForFills(1))
        let stages = try bot.document(LatencyReport.self, "latency").stages
        #expect(
            stages.map(\.stage)
                == ["tick_to_book", "strategy", "tick_to_order", "order_to_reply"])
        #expect(stages.allSatisfy { $0.ns.count > 0 && $0.ns.p50 <= $0.ns.max })
        let root = bot.session.directory.root
        bot.end()
        let end = bot.session.stop(keepOrders: false)
        #expect(end.clean && bot.session.stop(keepOrders: true) == end)
        let lines = try LogReader(LogPlace(dataDirectory: root)).last(10_000)
        for subject in ["order", "fill", "book", "stream", "trading", "bot"] {
            #expect(lines.contains { $0.subject == subject }, "\(subject)")
        }
        #expect(lines.contains { $0.text.contains("→ filled") })
    }

    @Test("On paper there is no account") func paper() throws {
        let bot = try OperatedBot(mode: .paper)
        defer { bot.end() }
        let balances = try bot.document(BalancesDocument.self, "balances")
        #expect(balances.source == "paper" && balances.balances.isEmpty)
        let compared = try bot.document(ReconcileDocument.self, "reconcile")
        #expect(compared.agrees && compared.notes.count == 1)
    }
}
