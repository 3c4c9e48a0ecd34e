// StreamHub.swift — who listens to which market stream, and under which name.
import Core

/// One market stream.
struct StreamKey: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case trade
        case aggregateTrade
        case bookTicker
        case differences(Cadence)
        case partial(levels: Int, Cadence)
        case kline(interval: Int64)
        case miniTicker
        case ticker
    }

    let market: Int
    let kind: Kind

    /// Nil when no such stream exists; venues accept such names and send nothing.
    init?(_ name: String, markets: [Market]) {
        let parts = name.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2,
            let market = markets.firstIndex(where: { $0.listing.symbol.lowercased() == parts[0] }),
            let kind = Self.kind(Array(parts.dropFirst()))
        else { return nil }
        self.market = market
        self.kind = kind
    }

    init(market: Int, _ kind: Kind) {
        self.market = market
        self.kind = kind
    }

    private static func kind(_ parts: [String]) -> Kind? {
        let cadence: Cadence
        switch parts.dropFirst() {
        case []: cadence = .slow
        case ["100ms"]: cadence = .fast
        case ["1000ms"]: cadence = .slow
        default: return nil
        }
        switch parts[0] {
        case "depth": return .differences(cadence)
        case "depth5": return .partial(levels: 5, cadence)
        case "depth10": return .partial(levels: 10, cadence)
        case "depth20": return .partial(levels: 20, cadence)
        default: break
        }
        guard parts.count == 1 else { return nil }
        switch parts[0] {
        case "trade": return .trade
        case "aggTrade": return .aggregateTrade
        case "bookTicker": return .bookTicker
        case "miniTicker": return .miniTicker
        case "ticker": return .ticker
        default:
            guard parts[0].hasPrefix("kline_") else { return nil }
            return KlineInterval.milliseconds(String(parts[0].dropFirst(6))).map(Kind.kline)
        }
    }
}

enum KlineInterval {
    private static let table: [(name: String, milliseconds: Int64)] = [
        ("1s", 1_000), ("1m", 60_000), ("3m", 180_000), ("5m", 300_000), ("15m", 900_000),
        ("30m", 1_800_000), ("1h", 3_600_000), ("2h", 7_200_000), ("4h", 14_400_000),
        ("6h", 21_600_000), ("8h", 28_800_000), ("12h", 43_200_000), ("1d", 86_400_000),
        ("3d", 259_200_000),
    ]

    static func milliseconds(_ name: String) -> Int64? {
        table.first { $0.name == name }?.milliseconds
    }

    static func name(_ milliseconds: Int64) -> String {
        table.first { $0.milliseconds == milliseconds }?.name ?? ""
    }
}

/// Subscriptions of all market-data connections.
struct StreamHub {
    private struct Connection {
        /// Wrapped with the stream's name.
        var isCombined: Bool
        var names: [String] = []
        /// Control messages in the current second.
        var second: Int64 = 0
        var messages = 0
    }

    static let maxStreams = 1_024
    private static let maxMessagesPerSecond = 5

    private var connections: [Peer: Connection] = [:]
    private var listeners: [StreamKey: [(peer: Peer, name: String)]] = [:]

    var peers: [Peer] { connections.keys.sorted { $0.id < $1.id } }

    func isOpen(_ peer: Peer) -> Bool { connections[peer] != nil }

    mutating func open(_ peer: Peer, isCombined: Bool) {
        connections[peer] = Connection(isCombined: isCombined)
    }

    mutating func close(_ peer: Peer) {
        connections[peer] = nil
        for key in listeners.keys { listeners[key]?.removeAll { $0.peer == peer } }
    }

    /// False: too many messages in this second.
    mutating func countMessage(_ peer: Peer, now: Int64) -> Bool {
        guard var connection = connections[peer] else { return false }
        if connection.second != now / 1_000 {
            connection.second = now / 1_000
            connection.messages = 0
        }
        connection.messages += 1
        connections[peer] = connection
        return connection.messages <= Self.maxMessagesPerSecond
    }

    // MARK: Subscriptions

    /// False: more streams than one connection may have.
    mutating func subscribe(_ peer: Peer, _ names: [String], markets: [Market]) -> Bool {
        guard var connection = connections[peer] else { return false }
        for name in names where !connection.names.contains(name) {
            guard connection.names.count < Self.maxStreams else { return false }
            connection.names.append(name)
            if let key = StreamKey(name, markets: markets) {
                listeners[key, default: []].append((peer, name))
            }
        }
        connections[peer] = connection
        return true
    }

    mutating func unsubscribe(_ peer: Peer, _ names: [String]) {
        connections[peer]?.names.removeAll { names.contains($0) }
        for key in listeners.keys {
            listeners[key]?.removeAll { $0.peer == peer && names.contains($0.name) }
        }
    }

    func names(of peer: Peer) -> [String] { connections[peer]?.names ?? [] }
    func isCombined(_ peer: Peer) -> Bool { connections[peer]?.isCombined ?? false }
    mutating func setCombined(_ peer: Peer, _ value: Bool) {
        connections[peer]?.isCombined = value
    }

    /// Candle streams of a market that somebody listens to.
    func activeKlines(market: Int) -> [StreamKey] {
        listeners.keys.filter { key in
            guard key.market == market, case .kline = key.kind else { return false }
            return !(listeners[key] ?? []).isEmpty
        }
    }

    /// One message per listener; the data is written once.
    func messages(
        _ key: StreamKey, _ write: (inout JSONWriter) -> Void
    ) -> [(peer: Peer, bytes: [UInt8])] {
        guard let listening = listeners[key], !listening.isEmpty else { return [] }
        let data = JSONWriter.write(write)
        return listening.map { peer, name in
            (peer, isCombined(peer) ? Self.combined(name, data) : data)
        }
    }

    static func combined(_ name: String, _ data: [UInt8]) -> [UInt8] {
        JSONWriter.write { json in
            json.object { json in
                json.member("stream", name)
                json.name("data")
                json.raw(data)
            }
        }
    }
}
