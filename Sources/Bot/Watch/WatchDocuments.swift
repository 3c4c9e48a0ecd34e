// WatchDocuments.swift — sections of the feed that no command shows in this shape. Money and
// quantities are decimal strings, as everywhere; names are written in snake_case.

/// Changes rarely; sent when it does.
struct WatchStatus: Encodable {
    var version: String
    var mode: String
    var venue: String
    var environment: String
    var strategy: String
    var started: String
    var currency: String
    var symbols: [String]
    var trading: String
    var tradingReason: String
    var ready: Bool
    var network: String
    var streams: [StreamDocument]
    var openOrders: Int
    var unknownOrders: Int
    var journalProblem: String?
    var ledgerProblem: String?
    var storeProblem: String?
    var logProblem: String?
    var noticesLost: UInt64
}

/// In every frame: shows that the bot is there and how old its view of the market is.
struct WatchPulse: Encodable {
    /// UTC milliseconds since 1970.
    var timeMs: Int64
    var uptimeSeconds: Int64
    /// Since the lane's last turn.
    var laneAgeMs: Int64
    /// Since each instrument's last market data, in the order of `symbols`; nil before any.
    var dataAgeMs: [Int64?]
}

struct WatchMarket: Encodable {
    var symbol: String
    var base: String
    var quote: String
    var bid: String?
    var ask: String?
    var last: String?
    var priceDecimals: UInt8
    /// `live`, or why not.
    var book: String
    var trading: String
}

/// Best level first: price and quantity.
struct WatchDepth: Encodable {
    var bids: [[String]]
    var asks: [[String]]
}

struct WatchBalance: Encodable {
    var asset: String
    var free: String
    var locked: String
}
