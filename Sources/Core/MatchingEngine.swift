// MatchingEngine.swift — the Swift face of nt/match.h: one instrument's orders, in and out.
//
// The engine reports through a callback during each call; here those events are collected and
// returned by the call that caused them, so that no caller ever runs inside the engine.
import CCore

/// Matches orders of one instrument, in price-time priority; one thread at a time.
public final class MatchingEngine {
    public enum Mode: UInt8, Sendable {
        /// Among the orders placed here.
        case open = 0
        /// Against levels and prints of a recording.
        case recorded = 1
    }

    /// An order as the engine sees it: whole ticks and lots.
    public struct Order: Sendable, Equatable {
        /// Unique among live orders, not 0.
        public var id: UInt64
        /// Two orders of one owner never trade with each other.
        public var owner: UInt64
        public var side: Side
        public var type: OrderType
        public var timeInForce: TimeInForce
        public var price: Int64
        public var stopPrice: Int64
        public var quantity: Int64

        public init(
            id: UInt64, owner: UInt64, side: Side, type: OrderType,
            timeInForce: TimeInForce = .gtc, price: Int64 = 0, stopPrice: Int64 = 0,
            quantity: Int64
        ) {
            self.id = id
            self.owner = owner
            self.side = side
            self.type = type
            self.timeInForce = timeInForce
            self.price = price
            self.stopPrice = stopPrice
            self.quantity = quantity
        }
    }

    /// One thing that happened; the meaning of each field is in nt/match.h.
    public struct Event: Sendable, Hashable {
        public enum Kind: UInt8, Sendable {
            case accepted, refused, trade, canceled, expired, triggered, amended
        }
        public enum Reason: UInt8, Sendable {
            case none, wouldTake, wouldTrigger, noLiquidity, fillOrKill, selfTrade, tableFull
            case duplicate, badOrder
        }

        public var kind: Kind
        public var reason: Reason
        public var side: Side
        public var id: UInt64
        public var makerID: UInt64
        public var trade: Int64
        public var price: Int64
        public var quantity: Int64
        public var remaining: Int64
        public var makerRemaining: Int64

        public init(
            kind: Kind, reason: Reason = .none, side: Side, id: UInt64, makerID: UInt64 = 0,
            trade: Int64 = 0, price: Int64, quantity: Int64, remaining: Int64,
            makerRemaining: Int64 = 0
        ) {
            self.kind = kind
            self.reason = reason
            self.side = side
            self.id = id
            self.makerID = makerID
            self.trade = trade
            self.price = price
            self.quantity = quantity
            self.remaining = remaining
            self.makerRemaining = makerRemaining
        }
    }

    /// Quantity resting at a price.
    public struct Level: Sendable, Hashable {
        public var price: Int64
        public var quantity: Int64
        public init(price: Int64, quantity: Int64) {
            self.price = price
            self.quantity = quantity
        }
    }

    public let mode: Mode
    private let handle: OpaquePointer
    private let sink: Sink

    /// Where the callback puts events; kept apart so that the engine's owner may move freely.
    private final class Sink {
        var events: [Event] = []
    }

    public init(mode: Mode, maxOrders: UInt32 = 65_536, maxLevels: UInt32 = 8_192) throws(CoreError)
    {
        self.mode = mode
        let sink = Sink()
        var configuration = nt_match_config()
        configuration.mode = nt_match_mode(mode.rawValue)
        configuration.max_orders = maxOrders
        configuration.max_levels = maxLevels
        configuration.context = Unmanaged.passUnretained(sink).toOpaque()
        configuration.on_event = Self.callback
        var created: OpaquePointer?
        try check(nt_match_create(&configuration, &created), "matching engine")
        guard let created else { throw CoreError(.noMemory, "matching engine: no memory") }
        handle = created
        self.sink = sink
    }

    deinit { nt_match_destroy(handle) }

    // MARK: Orders

    /// Every outcome, refusal included, is an event.
    @discardableResult
    public func place(_ order: Order) -> [Event] {
        var c = nt_match_order()
        c.id = order.id
        c.owner = order.owner
        c.price = order.price
        c.stop_price = order.stopPrice
        c.quantity = order.quantity
        c.side = order.side.rawValue
        c.type = order.type.rawValue
        c.tif = order.timeInForce.rawValue
        _ = nt_match_place(handle, &c)
        return drain()
    }

    /// No events when `id` is not live.
    @discardableResult
    public func cancel(_ id: UInt64) -> [Event] {
        _ = nt_match_cancel(handle, id)
        return drain()
    }

    /// Lowers the total quantity and keeps priority; no events when it is not lower.
    @discardableResult
    public func amend(_ id: UInt64, quantity: Int64) -> [Event] {
        _ = nt_match_amend(handle, id, quantity)
        return drain()
    }

    // MARK: Recorded mode

    @discardableResult
    public func setLevel(_ side: Side, price: Int64, quantity: Int64) -> [Event] {
        _ = nt_match_set_level(handle, side.rawValue, price, quantity)
        return drain()
    }

    @discardableResult
    public func print(price: Int64, quantity: Int64, aggressor: Side) -> [Event] {
        _ = nt_match_print(handle, price, quantity, aggressor.rawValue)
        return drain()
    }

    public func clearLevels() { nt_match_clear_levels(handle) }

    // MARK: Book

    /// Nil when the side is empty.
    public func best(_ side: Side) -> Level? {
        let level = nt_match_best(handle, side.rawValue)
        guard level.quantity > 0 else { return nil }
        return Level(price: level.price, quantity: level.quantity)
    }

    /// Aggregated levels, best first.
    public func levels(_ side: Side, limit: Int) -> [Level] {
        guard limit > 0 else { return [] }
        return withUnsafeTemporaryAllocation(of: nt_level.self, capacity: limit) { buffer in
            let count = nt_match_levels(handle, side.rawValue, buffer.baseAddress, UInt32(limit))
            return buffer.prefix(Int(count)).map { Level(price: $0.price, quantity: $0.quantity) }
        }
    }

    /// Remaining lots, 0 when not live.
    public func remaining(_ id: UInt64) -> Int64 { nt_match_remaining(handle, id) }
    public var liveCount: Int { Int(nt_match_live_count(handle)) }
    /// Nil before the first trade.
    public var lastPrice: Int64? {
        let price = nt_match_last_price(handle)
        return price == 0 ? nil : price
    }

    // MARK: Callback

    private func drain() -> [Event] {
        guard !sink.events.isEmpty else { return [] }
        let events = sink.events
        sink.events = []
        return events
    }

    private nonisolated static var callback:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<nt_match_event>?) -> Void
    {
        { context, event in
            guard let context, let event else { return }
            Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                .events.append(Event(event.pointee))
        }
    }
}

extension MatchingEngine.Event {
    fileprivate init(_ c: nt_match_event) {
        guard let kind = Kind(rawValue: c.kind), let reason = Reason(rawValue: c.reason),
            let side = Side(rawValue: c.side)
        else { preconditionFailure("the engine's enums are those of nt/match.h") }
        self.init(
            kind: kind, reason: reason, side: side, id: c.id, makerID: c.maker_id, trade: c.trade,
            price: c.price, quantity: c.quantity, remaining: c.remaining,
            makerRemaining: c.maker_remaining)
    }
}
