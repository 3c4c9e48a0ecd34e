// Snapshots.swift — what the lane knows, copied out as Swift values.
import CCore

/// The best levels of a book, as last published.
public struct BookTop: Sendable {
    public var bids: [Level]
    public var asks: [Level]
    public var updateID: Int64
    /// Monotonic nanoseconds of the event that last changed it.
    public var received: Int64
    public var isValid: Bool

    init(_ c: nt_top) {
        bids = BookTop.levels(c.bids)
        asks = BookTop.levels(c.asks)
        updateID = c.update_id
        received = c.received_ns
        isValid = c.valid
    }

    private static func levels<Tuple>(_ tuple: Tuple) -> [Level] {
        withUnsafeBytes(of: tuple) { bytes in
            bytes.bindMemory(to: nt_level.self).filter { $0.quantity > 0 }.map { Level($0) }
        }
    }
}

/// Holdings and profit of one instrument, from fills alone. Money in the quote currency.
public struct PositionSnapshot: Sendable, Hashable {
    public var lots: Int64 = 0
    public var cost: Money = .zero
    public var realised: Money = .zero
    public var fees: Money = .zero
    public var baseFees: Money = .zero
    public var otherFees: Money = .zero
    public var boughtLots: Int64 = 0
    public var soldLots: Int64 = 0
    public var fills: UInt64 = 0

    public init() {}

    package init(_ c: nt_position) {
        lots = c.lots
        cost = Money(units: c.cost)
        realised = Money(units: c.realised)
        fees = Money(units: c.fees)
        baseFees = Money(units: c.base_fees)
        otherFees = Money(units: c.other_fees)
        boughtLots = c.bought
        soldLots = c.sold
        fills = c.fills
    }

    package var c: nt_position {
        nt_position(
            lots: lots, cost: cost.units, realised: realised.units, fees: fees.units,
            base_fees: baseFees.units, other_fees: otherFees.units, bought: boughtLots,
            sold: soldLots, fills: fills)
    }

    /// Profit if it could be closed at `mark`, before fees.
    public func unrealised(_ instrument: Instrument, mark: Price) -> Money {
        var position = c
        var cInstrument = instrument.cValue
        return Money(units: nt_position_unrealised(&position, &cInstrument, mark.ticks))
    }

    /// Average entry price, eight decimals; zero when flat.
    public func averagePrice(_ instrument: Instrument) -> Money {
        var position = c
        var cInstrument = instrument.cValue
        return Money(units: nt_position_average(&position, &cInstrument))
    }

    /// Applies one fill, by the core's own arithmetic.
    public mutating func fill(
        _ instrument: Instrument, _ side: Side, price: Price, quantity: Quantity, fee: Money,
        feeAsset: String
    ) throws(CoreError) {
        var position = c
        var cInstrument = instrument.cValue
        let status = feeAsset.withCString {
            nt_position_fill(
                &position, &cInstrument, side.rawValue, price.ticks, quantity.lots, fee.units, $0)
        }
        try check(status, "applying a fill")
        self = PositionSnapshot(position)
    }
}

/// One order as the lane's table has it.
public struct OrderSnapshot: Sendable, Hashable {
    public var key: OrderKey
    public var instrument: InstrumentID
    public var side: Side
    public var type: OrderType
    public var timeInForce: TimeInForce
    public var price: Price
    public var stopPrice: Price
    public var quantity: Quantity
    public var filled: Quantity
    public var filledValue: Money
    public var state: OrderState
    public var venueOrder: Int64
    public var code: Int32
    public var isCancelPending: Bool
    /// Its end is the operator's word.
    public var isResolved: Bool
    public var strategy: UInt16
    /// Monotonic nanoseconds.
    public var created: Int64

    package init(_ c: nt_order) {
        key = OrderKey(raw: c.intent.order)
        instrument = InstrumentID(slot: c.intent.instrument)
        side = c.intent.side == 0 ? .buy : .sell
        type = OrderType(rawValue: c.intent.type) ?? .limit
        timeInForce = TimeInForce(rawValue: c.intent.tif) ?? .gtc
        price = Price(ticks: c.intent.price)
        stopPrice = Price(ticks: c.intent.stop_price)
        quantity = Quantity(lots: c.intent.quantity)
        filled = Quantity(lots: c.cumulative)
        filledValue = Money(units: c.filled_value)
        state = OrderState(rawValue: c.state) ?? .disputed
        venueOrder = c.venue_order
        code = c.code
        isCancelPending = c.cancel != 0
        isResolved = c.resolved != 0
        strategy = c.intent.strategy
        created = c.created_ns
    }
}

/// How often things happened. Approximate while the lane runs.
public struct LaneCounters: Sendable {
    public var messages, events, undecodable, unsupported, gaps, intents, refusals: UInt64
    public var ordersSent, cancelsSent, queriesSent, fills, unknownsMade, unknownsResolved: UInt64
    public var outboxLost, lateFills, foreignReports, rejects, sendBusy, untold: UInt64

    init(_ c: nt_lane_counters) {
        (messages, events, undecodable) = (c.messages, c.events, c.undecodable)
        (unsupported, gaps, intents, refusals) = (c.unsupported, c.gaps, c.intents, c.refusals)
        (ordersSent, cancelsSent, queriesSent) = (c.orders_sent, c.cancels_sent, c.queries_sent)
        (fills, unknownsMade, unknownsResolved) = (c.fills, c.unknowns_made, c.unknowns_resolved)
        (outboxLost, lateFills) = (c.outbox_lost, c.late_fills)
        (foreignReports, rejects, sendBusy) = (c.foreign_reports, c.rejects, c.send_busy)
        untold = c.untold
    }
}

/// What is known of an instrument of which nothing comes.
public enum Silence: UInt8, Sendable, CaseIterable {
    /// Data come, or it is not watched.
    case none = 0
    /// The venue's own book is the same: there are no news.
    case quiet = 1
    /// The venue's own book could not be had.
    case doubt = 2
    /// The venue has news that do not come; the book is stale.
    case frozen = 3

    public var name: String {
        switch self {
        case .none: "none"
        case .quiet: "quiet"
        case .doubt: "doubt"
        case .frozen: "frozen"
        }
    }
}

/// One stream among those of its group, since the start. Approximate while the lane runs.
public struct FeedSnapshot: Sendable, Hashable {
    /// Market events that it was the first to bring, and those that were known already.
    public var first, later: UInt64
    /// Depth events before which something was missing; messages that could not be read.
    public var gaps, undecodable: UInt64
    /// Times it was lost and another feed of its group went on; times the lane opened it anew.
    public var switches, renewals: UInt64
    /// Monotonic nanoseconds; 0 = not open, no event yet.
    public var opened, last: Int64
    /// Nanoseconds from the last event of the lost feed to the next one of another: the last time,
    /// and the longest.
    public var switchTime, maxSwitchTime: Int64

    init(_ c: nt_feed) {
        (first, later, gaps, undecodable) = (c.first, c.later, c.gaps, c.undecodable)
        (switches, renewals) = (c.switches, c.renewals)
        (opened, last) = (c.opened_ns, c.last_ns)
        (switchTime, maxSwitchTime) = (c.switch_ns, c.max_switch_ns)
    }
}

public enum LatencyStage: UInt32, Sendable, CaseIterable {
    /// Bytes received → book changed.
    case decode = 0
    /// The strategy's call.
    case decide = 1
    /// Last byte in → order handed to the kernel.
    case order = 2
    /// Order handed over → first answer.
    case reply = 3

    public var name: String {
        switch self {
        case .decode: "tick_to_book"
        case .decide: "strategy"
        case .order: "tick_to_order"
        case .reply: "order_to_reply"
        }
    }
}

/// Nanoseconds.
public struct LatencySummary: Sendable, Codable {
    public var count: UInt64
    public var p50: Int64
    public var p99: Int64
    public var p999: Int64
    public var max: Int64

    init(_ live: OpaquePointer?) {
        var copy: OpaquePointer?
        (count, p50, p99, p999, max) = (0, 0, 0, 0, 0)
        guard let live, nt_histogram_create(&copy) == NT_OK else { return }
        nt_histogram_snapshot(live, copy)
        count = nt_histogram_count(copy)
        p50 = nt_histogram_percentile(copy, 50)
        p99 = nt_histogram_percentile(copy, 99)
        p999 = nt_histogram_percentile(copy, 99.9)
        max = nt_histogram_max(copy)
        nt_histogram_destroy(copy)
    }
}
