// Documents.swift — what commands show, as stable values: money and quantities are decimal
// strings, ratios numbers, times ISO-8601 in UTC.

public struct StreamDocument: Codable, Sendable {
    public var name: String
    public var isOpen: Bool
    public var reason: String
    /// Streams of one group bring the same data; nil: alone.
    public var group: UInt32?
    /// Since it opened; nil while it is not open.
    public var openSeconds: Int64?
    /// Of market data only: events that it was the first to bring, those that were known already,
    /// those before which something was missing.
    public var first: UInt64?
    public var later: UInt64?
    public var gaps: UInt64?
    public var undecodable: UInt64?
    /// Milliseconds since the last event that it was the first to bring.
    public var ageMs: Int64?
    /// Times it was lost and another one went on, and how long that took, microseconds: last time,
    /// longest.
    public var switches: UInt64?
    public var switchUs: Int64?
    public var maxSwitchUs: Int64?
    /// Times it was opened anew on purpose.
    public var renewals: UInt64?
    /// In use, or next to be tried.
    public var address: String?
    /// Days until the venue's certificate expires; nil before one was seen.
    public var certificateDays: Int64?
}

/// Something about the venue that is not as it should be.
public struct ConditionDocument: Codable, Sendable, Equatable {
    /// `clock`, `maintenance`, `closed`, `rules`, `names` or `certificate`.
    public var name: String
    /// What it does to trading, `reducing` or `halted`; `noted`: nothing yet.
    public var state: String
    public var text: String
}

public struct InstrumentDocument: Codable, Sendable {
    public var symbol: String
    public var bid: String?
    public var ask: String?
    /// `live`, or why not.
    public var book: String
    /// Milliseconds since the last market data; nil before any.
    public var ageMs: Int64?
    public var trading: String
    /// `none`; or, when nothing comes: `quiet` (the venue's own book is the same), `doubt` (it
    /// could not be had), `frozen` (it has news that do not come).
    public var silence: String?
}

public struct LatencyDocument: Codable, Sendable {
    public var count: UInt64
    public var p50: Int64
    public var p99: Int64
    public var p999: Int64
    public var max: Int64
}

public struct StatusDocument: Codable, Sendable {
    public var version: String
    public var mode: String
    public var venue: String
    public var environment: String
    public var matchMode: String?
    public var strategy: String
    public var started: String
    public var uptimeSeconds: Int64
    /// `active`, `reducing` or `halted`, and the reason of the last change.
    public var trading: String
    public var tradingReason: String
    /// Reconciled with the venue, order connection up.
    public var ready: Bool
    /// Seconds since bot and venue last agreed on orders and trades; nil: not yet, or paper.
    public var reconciledSeconds: Int64?
    /// `io_uring`, or `poll` and why.
    public var network: String
    public var networkRefusal: String?
    /// Milliseconds since the lane's last turn.
    public var laneAgeMs: Int64
    public var streams: [StreamDocument]
    public var instruments: [InstrumentDocument]
    public var openOrders: Int
    public var unknownOrders: Int
    public var counters: [String: UInt64]
    public var latencyNs: [String: LatencyDocument]
    public var profit: ProfitDocument
    public var epoch: UInt32
    public var journalRecords: UInt64
    public var journalProblem: String?
    /// Where the accounts kept here and the lane's position disagree; nil while they agree.
    public var ledgerProblem: String?
    /// Why the database is behind; nil while all is well or it is switched off.
    public var storeProblem: String?
    /// Notices that did not fit the outbox: numbers here may lag; the journal has the truth.
    public var noticesLost: UInt64
    /// What is not as it should be about the venue; each ends by itself.
    public var conditions: [ConditionDocument]
    public var alarms: [AlarmDocument]
    /// Why the log file is behind, if it is.
    public var logProblem: String?
    /// Channels by which a person is told; nil: none is set up.
    public var notifications: [ChannelDocument]?
    /// What the venue allows and how much of it is used.
    public var budget: BudgetDocument?
    /// Trading states, each as it was set; an order meets the worst of those that concern it.
    public var scopes: [ScopeDocument]?
    /// The second process that cancels when this one hangs or dies.
    public var `guard`: GuardDocument?
}

/// The trading state of the account, of one symbol, or of one strategy.
public struct ScopeDocument: Codable, Sendable, Hashable {
    /// `account`, `symbol` or `strategy`.
    public var kind: String
    public var name: String
    public var state: String
    /// Who and why, of the last change.
    public var reason: String
    /// Nil: never changed.
    public var since: String?
}

/// The request budget of the venue's address and account.
public struct BudgetDocument: Codable, Sendable {
    public var limits: [BudgetUseDocument]
    /// The venue asked for silence until then; nil: it listens.
    public var blockedUntil: String?
    public var bannedUntil: String?
    /// Ids of the processes that share it, this one included; empty where it is not shared.
    public var processes: [UInt32]
    /// Nil: counted by this process alone.
    public var file: String?
    /// Why it is not shared although it should be.
    public var problem: String?
}

public struct BudgetUseDocument: Codable, Sendable {
    /// `weight`, `orders` or `orders_day`.
    public var name: String
    public var used: Int64
    /// The venue's.
    public var limit: Int64
    /// Of it kept for cancels and exits.
    public var reserve: Int64
    public var windowSeconds: Int64
}

/// How a channel of notifications does.
public struct ChannelDocument: Codable, Sendable, Equatable {
    /// `webhook` or `telegram`.
    public var channel: String
    public var delivered: UInt64
    public var waiting: Int
    /// Given up after the last try, or dropped for want of room.
    public var lost: UInt64
    /// Nil after a delivery.
    public var problem: String?
}

public struct AlarmDocument: Codable, Sendable {
    public var time: String
    public var symbol: String?
    public var text: String
}

public struct ProfitDocument: Codable, Sendable {
    public var currency: String
    public var realised: String
    public var unrealised: String
    public var fees: String
    public var net: String
}

public struct OrderDocument: Codable, Sendable {
    public var id: String
    /// As the venue knows it.
    public var clientOrderID: String
    public var venueOrderID: Int64?
    public var symbol: String
    public var side: String
    public var type: String
    public var state: String
    public var price: String
    public var quantity: String
    public var filled: String
    public var cancelPending: Bool
    /// Its end is the operator's word.
    public var resolved: Bool?
    public var source: String
    public var venueCode: Int32?

    // Reading turns `client_order_id` into `clientOrderId`; the names must survive both ways.
    private enum CodingKeys: String, CodingKey {
        case id, symbol, side, type, state, price, quantity, filled, cancelPending, source
        case venueCode, resolved
        case clientOrderID = "clientOrderId"
        case venueOrderID = "venueOrderId"
    }
}

public struct PositionDocument: Codable, Sendable {
    public var symbol: String
    public var quantity: String
    public var averagePrice: String
    public var mark: String?
    public var value: String
    public var realised: String
    public var unrealised: String
    public var fees: String
    public var bought: String
    public var sold: String
    public var fills: UInt64
    /// Of what is held, what open orders may still close; never more than is held.
    public var offered: String?
    /// What an exit has yet to offer, because a cancel is not proven.
    public var exitWaits: String?
}

public struct FillDocument: Codable, Sendable {
    public var time: String
    public var symbol: String
    public var order: String
    public var trade: Int64
    public var side: String
    public var price: String
    public var quantity: String
    public var fee: String
    public var feeAsset: String
    public var liquidity: String
}

/// Answer to a command that changes something.
public struct ActionDocument: Codable, Sendable {
    public var done: Bool
    public var text: String
    public var openOrders: Int

    public init(done: Bool, text: String, openOrders: Int) {
        self.done = done
        self.text = text
        self.openOrders = openOrders
    }
}
