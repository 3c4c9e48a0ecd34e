// VenueTroubles.swift — what is wrong with the whole venue for a while: gateways, maintenance, its
// clock, the state and the rules of an instrument, and the lives of its connections.
import Core

/// What an instrument's `status` says in `exchangeInfo`.
package enum InstrumentStatus: String, Sendable {
    case trading = "TRADING"
    case halted = "HALT"
    case onBreak = "BREAK"
    case endOfDay = "END_OF_DAY"
    case cancelOnly = "CANCEL_ONLY"
}

/// Ages of connections, milliseconds.
public struct ConnectionRules: Sendable, Equatable {
    /// A connection is ended after this.
    public var maxAge: Int64 = 86_400_000
    public var pingInterval: Int64 = 20_000
    /// A peer whose pong is missing for so long is cut off.
    public var pongPatience: Int64 = 60_000

    public init() {}
}

/// Times are milliseconds since the start, on a clock that faults do not move.
struct VenueTroubles: Sendable {
    /// The venue's clock minus the true one, milliseconds.
    private(set) var clockError: Int64 = 0
    private var gateway: (status: Int, until: Int64)?
    private var refusesUntil = Int64.min
    private var statuses: [Int: (status: InstrumentStatus, until: Int64)] = [:]
    /// The price steps of these are so many times larger.
    private var coarser: [Int: Int64] = [:]

    mutating func moveClock(by milliseconds: Int64) { clockError += milliseconds }

    mutating func breakGateway(_ status: Int, until: Int64) { gateway = (status, until) }

    mutating func refuseConnections(until: Int64) { refusesUntil = until }

    mutating func set(_ status: InstrumentStatus, of market: Int, until: Int64) {
        statuses[market] = (status, until)
    }

    mutating func coarsen(_ market: Int) { coarser[market] = 10 }

    func refusesConnections(_ elapsed: Int64) -> Bool { elapsed < refusesUntil }

    func status(of market: Int, _ elapsed: Int64) -> InstrumentStatus {
        guard let found = statuses[market], elapsed < found.until else { return .trading }
        return found.status
    }

    func stepFactor(of market: Int) -> Int64 { coarser[market] ?? 1 }

    /// What stands before the venue answers in its place: its page, or nothing at all.
    func gatewayReply(_ elapsed: Int64) -> ServerReply? {
        guard let gateway, elapsed < gateway.until else { return nil }
        let page =
            "<html><head><title>\(gateway.status)</title></head><body>maintenance</body></html>"
        return ServerReply(
            status: gateway.status, contentType: "text/html",
            body: gateway.status == 200 ? [] : Array(page.utf8))
    }
}

/// Since when connections live, and which of them owe a pong.
struct ConnectionLives: Sendable {
    private var opened: [Peer: Int64] = [:]
    private var asked: [Peer: Int64] = [:]
    private var nextPing: Int64 = 0

    mutating func open(_ peer: Peer, at elapsed: Int64) { opened[peer] = elapsed }

    mutating func close(_ peer: Peer) {
        opened[peer] = nil
        asked[peer] = nil
    }

    mutating func hear(_ peer: Peer) { asked[peer] = nil }

    /// Whether everyone is to be pinged now.
    mutating func pings(_ elapsed: Int64, _ rules: ConnectionRules) -> Bool {
        if nextPing == 0 { nextPing = rules.pingInterval }
        guard elapsed >= nextPing else { return false }
        nextPing = elapsed + rules.pingInterval
        for peer in opened.keys where asked[peer] == nil { asked[peer] = elapsed }
        return true
    }

    /// Those whose time is over; each is named once.
    mutating func ended(_ elapsed: Int64, _ rules: ConnectionRules) -> [Peer] {
        let over = opened.filter { elapsed - $0.value >= rules.maxAge }.keys
            .sorted { $0.id < $1.id }
        over.forEach { close($0) }
        return over
    }

    /// Those that owe a pong for too long; each is named once.
    mutating func silent(_ elapsed: Int64, _ rules: ConnectionRules) -> [Peer] {
        let silent = asked.filter { elapsed - $0.value >= rules.pongPatience }.keys
            .sorted { $0.id < $1.id }
        silent.forEach { close($0) }
        return silent
    }
}
