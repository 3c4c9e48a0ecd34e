// SimulatorServer.swift — the simulator on loopback: sockets and clock around the protocol.
//
// Everything lives on the server's thread: requests, messages and the tick that moves the
// markets. Other threads may only stop it and hand in faults.
import Core
import Foundation
import Synchronization

/// A running venue. It outlives its clients: accounts and orders stay while they are away.
public final class SimulatorServer: Sendable {
    public let details: SimulatorDetails
    private let server: Server
    private let glue: ServerGlue

    /// Starts listening; ready for clients when it returns.
    public static func start(
        _ configuration: SimulatorConfiguration
    ) throws(SimulatorError) -> SimulatorServer {
        try SimulatorServer(configuration)
    }

    private init(_ configuration: SimulatorConfiguration) throws(SimulatorError) {
        guard configuration.speed > 0, configuration.speed.isFinite else {
            throw SimulatorError("speed must be a positive number")
        }
        let directory = configuration.stateDirectory
        let files = try Self.prepare(directory)
        let keys = try DemoKeys(directory: directory)
        glue = try ServerGlue(configuration, keys: keys)
        var server = Server.Configuration()
        server.port = configuration.port
        server.address = configuration.address
        server.certificate = (files.certificate, files.key)
        do {
            self.server = try Server(server, handler: glue)
        } catch {
            throw SimulatorError(error.description)
        }
        let address = "\(configuration.address):\(self.server.port)"
        details = SimulatorDetails(
            restURL: "https://\(address)", wsURL: "wss://\(address)",
            wsApiURL: "wss://\(address)/ws-api/v3", caFile: files.authority,
            apiKey: keys.hmacKey, apiSecret: keys.hmacSecret, ed25519ApiKey: keys.ed25519Key,
            ed25519KeyFile: keys.ed25519KeyFile, venue: "binance",
            symbols: configuration.markets.map(\.symbol))
    }

    public func stop() { server.stop() }

    /// Lines of a fault script, to happen from now on. Any thread.
    public func inject(_ script: String) throws(SimulatorError) {
        try glue.inject(script)
    }

    private static func prepare(
        _ directory: String
    ) throws(SimulatorError) -> (authority: String, certificate: String, key: String) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            try Server.makeCertificates(in: directory)
        } catch {
            throw SimulatorError("\(directory): \(error)")
        }
        let absolute = URL(fileURLWithPath: directory).standardizedFileURL.path
        return (absolute + "/ca.pem", absolute + "/server.pem", absolute + "/server.key")
    }
}

/// Hands what the server brings to the protocol, and sends what the protocol answers.
///
/// `Sendable` by confinement: apart from `injected`, only the server's thread touches it.
private final class ServerGlue: ServerHandler, @unchecked Sendable {
    private let venue: BinanceProtocol
    private let driver: MarketDriver
    private let clock: Clock
    private let speed: Double
    private var previous: Int64
    private var marketTime = warmUp
    private let injected = Mutex<[FaultRule]>([])

    /// The market has run so long when the first client arrives; it has a book and trades then.
    private static let warmUp: Int64 = 2_000_000_000
    /// After a pause of the process the market does not catch up more than this.
    private static let longestStep: Int64 = 250_000_000
    /// Half of the server's tick, so that sockets get their turn.
    private static let tickBudget: Int64 = 2_500_000
    private static let stepsPerLook = 8
    private static let demoAccount = AccountID(1)

    init(_ configuration: SimulatorConfiguration, keys: DemoKeys) throws(SimulatorError) {
        let rate = configuration.feeRate.units
        let made = try MarketFactory.make(
            configuration.markets, seed: configuration.seed, fees: Fees(maker: rate, taker: rate))
        driver = made.driver
        clock = configuration.clock
        speed = configuration.speed
        previous = clock.monotonic
        made.exchange.addAccount(
            Self.demoAccount, balances: configuration.balances.mapValues(\.units))
        var limits = RateLimitSettings()
        limits.ordersPerTenSeconds = configuration.ordersPerTenSeconds
        limits.weightPerMinute = configuration.weightPerMinute
        let now = clock.wall / 1_000_000
        venue = BinanceProtocol(
            exchange: made.exchange, keys: keys.apiKeys(for: Self.demoAccount), now: now,
            limits: limits,
            faults: try FaultPlan.parse(configuration.faultScript, name: "fault script"),
            connections: configuration.connections,
            random: Random(seed: configuration.seed ^ 0xB1A4_CE00))
        driver.advance(to: Self.warmUp, now: now)
        _ = made.exchange.drainEvents()
    }

    /// The venue's own clock, which faults move.
    private var now: Int64 { clock.wall / 1_000_000 + venue.clockError }

    func inject(_ script: String) throws(SimulatorError) {
        let rules = try FaultPlan.rules(script, name: "fault script")
        injected.withLock { $0 += rules }
    }

    // MARK: Server's thread

    func reply(to request: ServerRequest, on server: Server.Connection) -> ServerReply {
        let reply = venue.handle(request, now: now)
        flush(server)
        return reply
    }

    func opened(
        _ peer: Peer, path: String, query: String, on server: Server.Connection
    ) -> Bool {
        venue.open(peer, path: path, query: query, now: now)
    }

    func received(_ bytes: [UInt8], from peer: Peer, on server: Server.Connection) {
        venue.receive(bytes, from: peer, now: now)
        flush(server)
    }

    func closed(_ peer: Peer, on server: Server.Connection) { venue.close(peer) }

    func ponged(_ peer: Peer, on server: Server.Connection) { venue.ponged(peer) }

    func tick(now monotonic: Int64, on server: Server.Connection) {
        let time = now
        for rule in injected.withLock({ rules in
            defer { rules = [] }
            return rules
        }) { venue.add(rule, now: time) }
        let elapsed = min(monotonic - previous, Self.longestStep)
        previous = monotonic
        marketTime += Int64(Double(elapsed) * speed)
        moveMarkets(now: time)
        venue.tick(now: time)
        flush(server)
    }

    /// Runs what is due, within the tick's budget. What does not fit is dropped from the market's
    /// time: at a speed beyond this machine the market is slower, and clients are still served.
    private func moveMarkets(now time: Int64) {
        let deadline = clock.monotonic + Self.tickBudget
        while let next = driver.nextTime, next <= marketTime {
            guard clock.monotonic < deadline else {
                marketTime = next
                return
            }
            driver.advance(to: marketTime, now: time, limit: Self.stepsPerLook)
            venue.publishEvents(now: time)
        }
    }

    private func flush(_ server: Server.Connection) {
        for message in venue.takeOutbox(now: now) {
            switch message.content {
            case .text(let bytes): server.send(bytes, to: message.peer)
            case .ping: server.ping(message.peer)
            case .close(let code): server.close(message.peer, code: code)
            }
        }
    }
}
