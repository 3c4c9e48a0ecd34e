// LaneNotice.swift — what the lane tells the services, copied out of the outbox.
import CCore

/// One fill, as the ledger and people want it.
public struct Fill: Sendable, Hashable {
    public var instrument: InstrumentID
    public var order: OrderKey
    public var trade: Int64
    public var side: Side
    public var price: Price
    public var quantity: Quantity
    public var fee: Money
    public var feeAsset: String
    public var isMaker: Bool
    /// UTC nanoseconds at which the lane took it.
    public var time: Int64

    public init(
        instrument: InstrumentID, order: OrderKey, trade: Int64, side: Side, price: Price,
        quantity: Quantity, fee: Money, feeAsset: String, isMaker: Bool, time: Int64
    ) {
        self.instrument = instrument
        self.order = order
        self.trade = trade
        self.side = side
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.feeAsset = feeAsset
        self.isMaker = isMaker
        self.time = time
    }
}

/// A refusal of the gate with the numbers that decided.
public struct Refusal: Sendable {
    public var instrument: InstrumentID
    public var side: Side
    public var price: Price
    public var quantity: Quantity
    /// Stable name, such as `daily_loss`.
    public var name: String
    /// What can be done about it.
    public var help: String
    public var value: Int64
    public var limit: Int64
}

public struct LaneNotice: Sendable {
    public enum Content: Sendable {
        /// An order changed; `fill` when the change was a new trade.
        case order(OrderSnapshot, before: OrderState, fill: Fill?)
        case refused(Refusal)
        case snapshotWanted(InstrumentID)
        /// A few levels of a silent book are.
        case witnessWanted(InstrumentID)
        /// A book became live, stale, …; `text` says which and why.
        case sync(InstrumentID, isLive: Bool, text: String)
        case stream(slot: UInt32, isOpen: Bool, reason: String)
        case trading(InstrumentID, TradingState, reason: String)
        case alarm(InstrumentID, String)
        case trade(InstrumentID, price: Price, quantity: Quantity, aggressor: Side)
        case balance(asset: String, free: Money, locked: Money)
        case stopped(hash: UInt64)
        case other
    }

    /// UTC nanoseconds.
    public var time: Int64
    public var sequence: UInt64
    public var content: Content
    /// Position of the instrument after it, where one is named.
    public var position: PositionSnapshot
    /// Of an alarm: what the venue said, by its own code; 0: nothing.
    public var venueCode: Int64 = 0

    /// An alarm that does not come from a lane, at `time` in UTC nanoseconds.
    public init(alarm text: String, of instrument: InstrumentID = .none, at time: Int64) {
        self.time = time
        sequence = 0
        position = PositionSnapshot()
        content = .alarm(instrument, text)
    }

    init(_ c: nt_notice) {
        time = c.wall_ns
        sequence = c.sequence
        position = PositionSnapshot(c.position)
        content = LaneNotice.content(c)
        if case .alarm = content { venueCode = c.value }
    }

    private static func content(_ c: nt_notice) -> Content {
        let instrument = InstrumentID(slot: c.instrument)
        switch nt_notice_kind(c.kind) {
        case NT_NOTICE_ORDER: return orderContent(c)
        case NT_NOTICE_REFUSED: return .refused(refusal(c))
        case NT_NOTICE_SNAPSHOT_WANTED: return .snapshotWanted(instrument)
        case NT_NOTICE_WITNESS_WANTED: return .witnessWanted(instrument)
        case NT_NOTICE_SYNC:
            let isLive = c.value == Int64(NT_SYNC_LIVE)
            return .sync(instrument, isLive: isLive, text: fixedText(c.text))
        case NT_NOTICE_STREAM:
            return .stream(
                slot: UInt32(c.value >> 8), isOpen: c.value & 0xff == Int64(NT_STREAM_OPEN),
                reason: fixedText(c.text))
        case NT_NOTICE_TRADING:
            let state = TradingState(rawValue: UInt8(truncatingIfNeeded: c.value)) ?? .halted
            return .trading(instrument, state, reason: fixedText(c.text))
        case NT_NOTICE_ALARM: return .alarm(instrument, fixedText(c.text))
        case NT_NOTICE_TRADE:
            return .trade(
                instrument, price: Price(ticks: c.trade.price),
                quantity: Quantity(lots: c.trade.quantity),
                aggressor: c.trade.aggressor == 0 ? .buy : .sell)
        case NT_NOTICE_BALANCE:
            return .balance(
                asset: fixedText(c.balance.asset), free: Money(units: c.balance.free),
                locked: Money(units: c.balance.locked))
        case NT_NOTICE_STOPPED: return .stopped(hash: UInt64(bitPattern: c.value))
        default: return .other
        }
    }

    private static func orderContent(_ c: nt_notice) -> Content {
        let order = OrderSnapshot(c.change.order)
        let before = OrderState(rawValue: c.change.before) ?? .none
        guard c.change.fill_applied else { return .order(order, before: before, fill: nil) }
        let fill = Fill(
            instrument: InstrumentID(slot: c.instrument), order: OrderKey(raw: c.report.order),
            trade: c.report.trade, side: c.report.side == 0 ? .buy : .sell,
            price: Price(ticks: c.report.last_price),
            quantity: Quantity(lots: c.report.last_quantity), fee: Money(units: c.report.fee),
            feeAsset: fixedText(c.report.fee_asset), isMaker: c.report.is_maker != 0,
            time: c.wall_ns)
        return .order(order, before: before, fill: fill)
    }

    private static func refusal(_ c: nt_notice) -> Refusal {
        let name = String(cString: nt_refusal_name(c.verdict.refusal))
        return Refusal(
            instrument: InstrumentID(slot: c.intent.instrument),
            side: c.intent.side == 0 ? .buy : .sell, price: Price(ticks: c.intent.price),
            quantity: Quantity(lots: c.intent.quantity),
            name: String(name.map { $0 == " " || $0 == "-" ? "_" : $0 }),
            help: String(cString: nt_refusal_help(c.verdict.refusal)), value: c.verdict.value,
            limit: c.verdict.limit)
    }
}
