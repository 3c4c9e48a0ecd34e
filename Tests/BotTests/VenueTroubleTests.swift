// VenueTroubleTests.swift — a whole bot while its venue moves, closes, is down, loses its clock,
// or ends connections by its rules. Outcomes are asserted, never how long they took.
import Core
import Foundation
import Risk
import Simulator
import Synchronization
import Testing
import VenueKit

@testable import Bot

/// Where "localhost" is, by the test's word; nil: nowhere.
private final class Whereabouts: Sendable {
    private let place = Mutex<String?>("127.0.0.1")

    func set(_ address: String?) { place.withLock { $0 = address } }

    var book: NameBook {
        NameBook { [self] host throws(CoreError) in
            guard let address = place.withLock({ $0 }) else {
                throw CoreError(.notFound, "\(host) is unknown")
            }
            return [address]
        }
    }
}

/// A bot on a simulator of its own, with names looked up in the test's table.
private final class TroubledBot {
    let folder: TemporaryFolder
    var simulator: SimulatorServer
    let session: BotSession
    let names = Whereabouts()

    private static func settings(_ folder: TemporaryFolder) -> SimulatorConfiguration {
        var market = SimulatedMarket(
            symbol: "BTCUSDT", base: "BTC", quote: "USDT", source: .flow(start: 50_000))
        market.stepsPerSecond = 60
        var settings = SimulatorConfiguration(
            markets: [market], stateDirectory: folder.path + "/venue")
        settings.balances = ["USDT": Money(100_000)]
        settings.seed = 3
        return settings
    }

    init(
        mode: Mode = .live, connections: ConnectionRules = ConnectionRules(),
        certificateDays: Int64? = nil
    ) throws {
        folder = try TemporaryFolder()
        var settings = Self.settings(folder)
        settings.connections = connections
        if let certificateDays {
            try Server.makeDatedCertificates(
                in: settings.stateDirectory, from: -3_600, until: certificateDays * 86_400 + 3_600)
        }
        simulator = try SimulatorServer.start(settings)
        let details = simulator.details
        let pem = String(
            decoding: FileManager.default.contents(atPath: details.ed25519KeyFile) ?? Data(),
            as: UTF8.self)
        var environment = BotEnvironment()
        environment.servesAdmin = false
        environment.keepsStore = false
        environment.names = names.book
        environment.keys = VenueKeys(
            apiKey: details.ed25519ApiKey, hmacSecret: nil, ed25519: Secret(pem))
        let heard = Heard()
        environment.log = { heard.add($0) }
        self.heard = heard
        session = try BotSession(Self.configuration(details, mode, folder.path), environment)
    }

    /// Lines for people, in order.
    final class Heard: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        func has(_ part: String) -> Bool {
            lines.withLock { $0.contains { $0.contains(part) } }
        }
    }
    let heard: Heard

    private static func configuration(
        _ details: SimulatorDetails, _ mode: Mode, _ folder: String
    ) -> Configuration {
        func local(_ url: String) -> String {
            url.replacingOccurrences(of: "127.0.0.1", with: "localhost")
        }
        var out = Configuration()
        out.mode = mode
        out.dataDirectory = folder + "/bot"
        out.symbols = details.symbols
        out.venue.environment = .simulator
        out.venue.restURL = local(details.restURL)
        out.venue.streamURL = local(details.wsURL)
        out.venue.orderURL = local(details.wsApiURL)
        out.venue.caFile = details.caFile
        out.strategy.fast = 2
        out.strategy.slow = 4
        out.strategy.sampleMilliseconds = 40
        out.strategy.slippagePPM = 2_000
        out.account.maxGrossValue = Money(5_000)
        out.account.maxOpenValue = Money(5_000)
        out.account.maxDailyLoss = Money(5_000)
        out.account.maxOpenOrders = 20
        out.account.maxOrdersPerSecond = 50
        out.account.duplicateWindowMilliseconds = 20
        out.account.maxRejects = 1_000
        out.defaultLimits.maxOrder = "1"
        out.defaultLimits.maxPosition = "2"
        out.defaultLimits.maxOrderValue = Money(1_000)
        out.defaultLimits.maxAgeMilliseconds = 10_000
        out.watch.namesSeconds = 1
        out.watch.clockSeconds = 1
        out.watch.rulesSeconds = 1
        // A loaded machine reads a clock slowly; what these tests move is far more.
        out.watch.clockReduceMilliseconds = 5_000
        out.watch.clockHaltMilliseconds = 30_000
        return out
    }

    /// The venue goes and comes back somewhere else, on the same port and with the same keys.
    func move(to address: String) throws {
        let port = simulator.details.restURL.split(separator: ":").last.flatMap { UInt16($0) }
        simulator.stop()
        var settings = Self.settings(folder)
        settings.port = try #require(port)
        settings.address = address
        simulator = try SimulatorServer.start(settings)
    }

    func end() {
        _ = session.stop(keepOrders: false)
        simulator.stop()
    }

    var status: StatusDocument { session.statusDocument() }

    func has(_ condition: String) -> Bool {
        session.watch.conditions.contains { $0.name == condition }
    }

    /// Whether it comes true within a minute.
    func wait(_ isTrue: () -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline {
            if isTrue() { return true }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    var isTrading: Bool {
        let status = status
        return status.ready && status.trading == "active"
            && status.instruments.allSatisfy { $0.book == "live" && $0.trading == "active" }
    }

    /// Orders that the venue filled from now on.
    func trades() -> Bool {
        let before = session.counters.fills
        return wait { session.counters.fills > before }
    }
}

@Suite("A bot in a troubled venue", .serialized) struct VenueTroubleTests {
    @Test("A venue that moves to another address is followed, and its name may vanish meanwhile")
    func moves() throws {
        let bot = try TroubledBot(mode: .paper)
        defer { bot.end() }
        #expect(bot.wait { bot.isTrading })
        #expect(bot.wait { bot.status.streams.first?.address == "127.0.0.1" })
        bot.names.set(nil)
        #expect(bot.wait { bot.has("names") })
        #expect(bot.isTrading)
        #expect(bot.wait { bot.heard.has("the name localhost cannot be looked up") })
        try bot.move(to: "127.0.0.2")
        #expect(bot.wait { bot.status.streams.first?.isOpen == false })
        bot.names.set("127.0.0.2")
        #expect(bot.wait { bot.isTrading && !bot.has("names") })
        #expect(bot.wait { bot.status.streams.first?.address == "127.0.0.2" })
        #expect(bot.wait { bot.heard.has("localhost moved: 127.0.0.1 → 127.0.0.2") })
    }

    @Test("A venue's clock that jumps halts, is measured anew, and trading goes on")
    func clockJumps() throws {
        let bot = try TroubledBot()
        defer { bot.end() }
        #expect(bot.wait { bot.isTrading })
        #expect(bot.trades())
        try bot.simulator.inject("after 0s clock +90s")
        #expect(bot.wait { bot.heard.has("the venue's clock jumped by ") })
        #expect(bot.wait { bot.heard.has("halted: the venue's clock is known to ") })
        #expect(bot.wait { bot.isTrading && !bot.has("clock") })
        #expect(bot.trades())
    }

    @Test("Maintenance is named, only reduces, and ends by itself")
    func maintenance() throws {
        let bot = try TroubledBot()
        defer { bot.end() }
        #expect(bot.wait { bot.isTrading })
        try bot.simulator.inject("after 0s maintenance 600s")
        #expect(bot.wait { bot.has("maintenance") })
        #expect(!bot.isTrading)
        #expect(bot.wait { bot.heard.has("venue maintenance: ") })
        try bot.simulator.inject("after 0s maintenance 0s")
        #expect(bot.wait { bot.isTrading && !bot.has("maintenance") })
        #expect(bot.wait { bot.heard.has("the venue serves again") })
        #expect(bot.trades())
    }

    @Test("A gateway's page in place of every answer is maintenance, too", arguments: [200, 502])
    func gateway(_ status: Int) throws {
        let bot = try TroubledBot(mode: .paper)
        defer { bot.end() }
        #expect(bot.wait { bot.isTrading })
        try bot.simulator.inject("after 0s http \(status) 600s")
        #expect(bot.wait { bot.has("maintenance") })
        #expect(bot.wait { bot.status.trading == "reducing" })
        try bot.simulator.inject("after 0s http \(status) 0s")
        #expect(bot.wait { bot.isTrading && !bot.has("maintenance") })
    }

    @Test("An instrument that the venue closes only reduces until it opens")
    func closes() throws {
        let bot = try TroubledBot()
        defer { bot.end() }
        #expect(bot.wait { bot.isTrading })
        try bot.simulator.inject("after 0s status BTCUSDT BREAK 600s")
        #expect(bot.wait { bot.status.instruments.first?.trading == "reducing" })
        #expect(bot.has("closed"))
        #expect(bot.wait { bot.heard.has("the venue does not trade it now: BREAK") })
        try bot.simulator.inject("after 0s status BTCUSDT TRADING 0s")
        #expect(bot.wait { bot.isTrading && !bot.has("closed") })
        #expect(bot.trades())
    }

    @Test("A tick that changes under way halts the instrument until a restart")
    func tickChanges() throws {
        let bot = try TroubledBot()
        defer { bot.end() }
        #expect(bot.wait { bot.isTrading })
        try bot.simulator.inject("after 0s coarsen BTCUSDT")
        #expect(bot.wait { bot.status.instruments.first?.trading == "halted" })
        #expect(bot.has("rules"))
        #expect(bot.wait { bot.heard.has("the venue changed tick 0.01 → 0.1; restart") })
    }

    @Test("Connections that the venue ends by their age come back, again and again")
    func forcedEnds() throws {
        var rules = ConnectionRules()
        rules.maxAge = 15_000
        let bot = try TroubledBot(connections: rules)
        defer { bot.end() }
        for _ in 0..<2 {
            #expect(bot.wait { bot.isTrading })
            #expect(bot.wait { bot.status.streams.contains { !$0.isOpen } })
        }
        #expect(bot.wait { bot.heard.has("peer closed: 1001") })
        #expect(bot.trades())
        #expect(!bot.has("maintenance"))
    }

    @Test("A certificate near its end is told while there is time")
    func certificate() throws {
        let bot = try TroubledBot(mode: .paper, certificateDays: 3)
        defer { bot.end() }
        #expect(bot.wait { bot.has("certificate") })
        #expect(bot.wait { bot.heard.has("the certificate of localhost expires in 3 days") })
        #expect(bot.wait { bot.status.streams.first?.certificateDays == 3 })
    }
}
