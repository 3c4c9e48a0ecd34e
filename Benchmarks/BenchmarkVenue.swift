// BenchmarkVenue.swift — the venue simulator without sockets: its market and account on a clock
// that the benchmark turns, so that a lane on it does the same in every run.
import Binance
import Core
import Simulator
import VenueKit

final class BenchmarkVenue {
    static let marketPeer = Peer(id: 1)
    static let orderPeer = Peer(id: 2)

    let time = ManualTime(monotonic: 1_000_000_000_000, wall: 1_700_000_000_000_000_000)
    let clock: Clock
    let instrument: Instrument
    let credentials: BinanceCredentials
    private let venue: BinanceProtocol
    private let driver: MarketDriver
    private var marketTime: Int64 = 0

    private static let account = AccountID(1)
    private static let apiKey = String(repeating: "k", count: 64)
    /// The market has run so long when the lane comes; it has a book then.
    private static let warmUp: Int64 = 200_000_000

    init(seed: UInt64) throws {
        clock = Clock(manual: time)
        var market = SimulatedMarket(
            symbol: "BTCUSDT", base: "BTC", quote: "USDT", source: .flow(start: 60_000))
        market.stepsPerSecond = 1000
        instrument = market.instrument
        let key = try Ed25519Key(seed: Array(1...32))
        credentials = BinanceCredentials(apiKey: Self.apiKey, secret: .ed25519(try key.pem()))
        var shape = FlowShape()
        shape.stepsPerSecond = market.stepsPerSecond
        let flow = GeneratedFlow(
            path: WanderingPath(start: 60_000, volatility: 0.0004), shape: shape, seed: seed,
            idBase: 0)
        // Without fees no unsellable rest gathers, and EmaCross trades as long as it is run.
        let exchange = Exchange(
            markets: [try Market(Listing(instrument), mode: .open)],
            fees: Fees(maker: 0, taker: 0))
        exchange.addAccount(
            Self.account, balances: ["USDT": Money(10_000_000).units, "BTC": Money(10).units])
        driver = MarketDriver(exchange: exchange, sources: [flow])
        var limits = RateLimitSettings()
        limits.ordersPerTenSeconds = 1_000_000
        limits.ordersPerDay = 1_000_000_000
        limits.weightPerMinute = 100_000_000
        venue = BinanceProtocol(
            exchange: exchange,
            keys: [
                ApiKey(
                    Self.apiKey, account: Self.account, kind: .ed25519(publicKey: key.publicKey))
            ], now: clock.wall / 1_000_000, limits: limits, random: Random(seed: seed))
        advance(by: Self.warmUp)
        _ = exchange.drainEvents()
    }

    private var now: Int64 { clock.wall / 1_000_000 }

    func connect() -> Bool {
        venue.open(Self.marketPeer, path: "/stream", query: "", now: now)
            && venue.open(Self.orderPeer, path: "/ws-api/v3", query: "", now: now)
    }

    /// Lets the market go on.
    func advance(by nanoseconds: Int64) {
        time.advance(by: nanoseconds)
        marketTime += nanoseconds
        driver.advance(to: marketTime, now: now)
        venue.tick(now: now)
    }

    func receive(_ bytes: [UInt8], from peer: Peer) {
        venue.receive(bytes, from: peer, now: now)
    }

    /// What it has to say, in its order.
    func messages() -> [(peer: Peer, bytes: [UInt8])] {
        venue.takeOutbox(now: now).compactMap { message in
            guard case .text(let bytes) = message.content else { return nil }
            return (message.peer, bytes)
        }
    }

    func book() -> [UInt8] {
        let request = ServerRequest(
            method: "GET", path: "/api/v3/depth", query: "symbol=BTCUSDT&limit=1000")
        return venue.handle(request, now: now).body
    }
}

/// Wide limits, all of them set, so that the gate's whole table is passed.
enum BenchmarkLimits {
    static var account: AccountLimits {
        var limits = AccountLimits()
        limits.maxGrossValue = Money(100_000_000)
        limits.maxOpenValue = Money(100_000_000)
        limits.maxDailyLoss = Money(100_000_000)
        limits.maxOpenOrders = 100
        limits.maxOrdersPerWindow = 100_000
        limits.orderWindow = 1_000_000_000
        limits.duplicateWindow = 1
        limits.maxRejectsPerWindow = 1000
        limits.rejectWindow = 1_000_000_000
        limits.budgetWeight = 100_000_000
        limits.budgetReserve = 1000
        limits.budgetWindow = 60_000_000_000
        return limits
    }

    static var instrument: InstrumentLimits {
        var limits = InstrumentLimits()
        limits.maxOrderLots = 10_000_000
        limits.maxOrderValue = Money(1_000_000)
        limits.maxPositionLots = 100_000_000
        limits.collarPPM = 50_000
        limits.emergencyCollarPPM = 100_000
        limits.maxAge = 60_000_000_000
        limits.emergencyMaxAgeMilliseconds = 600_000
        return limits
    }
}
