// JournalEntry.swift — one record of the journal as a Swift value.
//
// Also change: nt/records.h. Kinds that nobody outside the core needs are `.other`.
import CCore

public struct JournalEntry: Sendable {
    public enum Content: Sendable {
        /// A run begins.
        case start(instance: UInt32, instruments: UInt32)
        /// What a slot holds in this run.
        case instrument(InstrumentID, Instrument)
        /// An intent and what the gate said of it.
        case decision(Decision)
        /// A request, a step, a resolution or a restored order: only the order is named, the
        /// replica has it.
        case order(OrderKey)
        /// Evidence about an order; `fill` when the position took its trade.
        case report(OrderKey, fill: Fill?)
        case trading(InstrumentID, TradingState, reason: String)
        case accountLimits(AccountLimits)
        case instrumentLimits(InstrumentID, InstrumentLimits)
        case equity(Equity)
        /// A clean end.
        case stop(hash: UInt64)
        case other
    }

    /// +1 each, without gaps.
    public var sequence: UInt64
    /// Tells this record from any other of the same sequence.
    public var checksum: UInt32
    /// Number of the run.
    public var epoch: UInt32
    /// UTC nanoseconds since 1970.
    public var time: Int64
    public var content: Content
}

/// What one instrument is worth: once a minute and before a clean end.
public struct Equity: Sendable, Hashable {
    public var instrument: InstrumentID
    public var lots: Int64
    /// At which it could be closed; nil before any price.
    public var mark: Price?
    public var realised: Money
    public var unrealised: Money
    public var fees: Money

    init(_ c: nt_record_equity) {
        instrument = InstrumentID(slot: c.instrument)
        lots = c.lots
        mark = c.mark > 0 ? Price(ticks: c.mark) : nil
        realised = Money(units: c.realised)
        unrealised = Money(units: c.unrealised)
        fees = Money(units: c.fees)
    }
}

/// An intent with the gate's verdict and the two numbers that decided.
public struct Decision: Sendable {
    public enum Kind: UInt8, Sendable {
        case place = 0
        case cancel = 1
        case amend = 2

        public var name: String { "\(self)" }
    }

    /// Nil: a kind, side, type or time in force that does not exist, refused as `bad_intent`.
    public var kind: Kind?
    public var side: Side?
    public var type: OrderType?
    public var timeInForce: TimeInForce?
    public var order: OrderKey
    public var instrument: InstrumentID
    public var price: Price
    public var stopPrice: Price
    public var quantity: Quantity
    public var tag: UInt64
    /// Slot of the strategy; 65535 is the operator.
    public var strategy: UInt16
    public var isReduceOnly: Bool
    /// `pass`, or the stable name of the refusal, such as `daily_loss`.
    public var verdict: String
    /// Judged by the shorter table for orders that only reduce risk.
    public var isReducing: Bool
    public var value: Int64
    public var limit: Int64
    /// Ticks at which an order without a price was valued.
    public var reference: Price

    init(_ c: nt_record_verdict) {
        kind = Kind(rawValue: c.intent.kind)
        side = Side(rawValue: c.intent.side)
        type = OrderType(rawValue: c.intent.type)
        timeInForce = TimeInForce(rawValue: c.intent.tif)
        order = OrderKey(raw: c.intent.order)
        instrument = InstrumentID(slot: c.intent.instrument)
        price = Price(ticks: c.intent.price)
        stopPrice = Price(ticks: c.intent.stop_price)
        quantity = Quantity(lots: c.intent.quantity)
        tag = c.intent.tag
        strategy = c.intent.strategy
        isReduceOnly = c.intent.flags & UInt8(NT_INTENT_REDUCE_ONLY) != 0
        verdict = Decision.name(c.verdict.refusal)
        isReducing = c.verdict.reducing
        value = c.verdict.value
        limit = c.verdict.limit
        reference = Price(ticks: c.reference)
    }

    private static func name(_ refusal: nt_refusal) -> String {
        guard refusal != NT_PASS else { return "pass" }
        let words = String(cString: nt_refusal_name(refusal))
        return String(words.map { $0 == " " || $0 == "-" ? "_" : $0 })
    }
}

extension JournalEntry {
    /// `.corrupt` when the payload is shorter than its kind's layout.
    init(_ record: UnsafePointer<nt_record>, _ payload: UnsafeRawPointer) throws(CoreError) {
        sequence = record.pointee.sequence
        checksum = record.pointee.crc
        epoch = record.pointee.epoch
        time = record.pointee.wall_ns
        content = try JournalPayload(record: record, bytes: payload).content()
    }
}

/// A payload under its kind's layout.
struct JournalPayload {
    let record: UnsafePointer<nt_record>
    let bytes: UnsafeRawPointer

    /// `.corrupt`: too few bytes.
    func read<Layout>(_ type: Layout.Type) throws(CoreError) -> Layout {
        let length = Int(record.pointee.payload_length)
        guard length >= MemoryLayout<Layout>.size else {
            let text = "journal record \(record.pointee.sequence) has \(length) bytes, too few"
            throw CoreError(.corrupt, "\(text) for its kind")
        }
        return bytes.loadUnaligned(as: Layout.self)
    }

    func content() throws(CoreError) -> JournalEntry.Content {
        switch Int(record.pointee.kind) {
        case NT_RECORD_START:
            let start = try read(nt_record_start.self)
            return .start(instance: start.instance, instruments: start.instrument_count)
        case NT_RECORD_INSTRUMENT:
            let found = try read(nt_record_instrument.self)
            return .instrument(InstrumentID(slot: found.slot), Instrument(found.instrument))
        case NT_RECORD_VERDICT: return .decision(Decision(try read(nt_record_verdict.self)))
        case NT_RECORD_REQUEST:
            return .order(OrderKey(raw: try read(nt_request.self).intent.order))
        case NT_RECORD_STEP: return .order(OrderKey(raw: try read(nt_record_step.self).order))
        case NT_RECORD_RESOLUTION:
            return .order(OrderKey(raw: try read(nt_record_resolution.self).order))
        case NT_RECORD_RESTORE: return .order(OrderKey(raw: try read(nt_order.self).intent.order))
        case NT_RECORD_REPORT: return report(try read(nt_record_report.self))
        case NT_RECORD_STATE: return trading(try read(nt_record_state.self))
        case NT_RECORD_LIMITS: return limits(try read(nt_record_limits.self))
        case NT_RECORD_EQUITY: return .equity(Equity(try read(nt_record_equity.self)))
        case NT_RECORD_STOP: return .stop(hash: try read(nt_record_stop.self).hash)
        default: return .other
        }
    }

    private func report(_ c: nt_record_report) -> JournalEntry.Content {
        let key = OrderKey(raw: c.report.order)
        guard c.position_takes != 0 else { return .report(key, fill: nil) }
        let fill = Fill(
            instrument: InstrumentID(slot: c.instrument), order: key, trade: c.report.trade,
            side: c.report.side == 0 ? .buy : .sell, price: Price(ticks: c.report.last_price),
            quantity: Quantity(lots: c.report.last_quantity), fee: Money(units: c.report.fee),
            feeAsset: fixedText(c.report.fee_asset), isMaker: c.report.is_maker != 0,
            time: record.pointee.wall_ns)
        return .report(key, fill: fill)
    }

    private func trading(_ c: nt_record_state) -> JournalEntry.Content {
        let state = TradingState(rawValue: UInt8(truncatingIfNeeded: c.state)) ?? .halted
        return .trading(InstrumentID(slot: c.instrument), state, reason: fixedText(c.reason))
    }

    private func limits(_ c: nt_record_limits) -> JournalEntry.Content {
        guard c.instrument != NT_NO_INSTRUMENT else {
            return .accountLimits(AccountLimits(c.account))
        }
        return .instrumentLimits(
            InstrumentID(slot: c.instrument), InstrumentLimits(c.limits))
    }
}
