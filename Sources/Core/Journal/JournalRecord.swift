// JournalRecord.swift — a record of the journal in words: its kind and the meaning of its payload.
//
// Also change: nt/records.h, nt/event.h (evidence) and nt/command.h (commands).
import CCore

/// Borrowed: valid only while it is shown.
public struct JournalRecord {
    let record: UnsafePointer<nt_record>
    let payload: UnsafeRawPointer

    public var sequence: UInt64 { record.pointee.sequence }
    /// Lane sequence of the event that caused it.
    public var event: UInt64 { record.pointee.event }
    public var epoch: UInt32 { record.pointee.epoch }
    /// UTC nanoseconds since 1970.
    public var time: Int64 { record.pointee.wall_ns }
    /// Header and payload.
    public var bytes: Int { Int(record.pointee.length) }
    public var kind: String { Self.name(Int(record.pointee.kind), Self.kinds) }

    /// Names of kinds, those that a record can have.
    public static var kindNames: [String] { Array(kinds.dropFirst()) }

    private static let kinds = [
        "pad", "start", "verdict", "request", "step", "report", "command", "limits", "state",
        "stream", "sync", "clock", "restore", "stop", "instrument", "listed", "equity",
        "resolution",
    ]
    private static let requests = [
        "place", "cancel", "amend", "query", "open_orders", "fills",
    ]
    private static let commands = [
        "none", "halt", "resume", "reduce", "cancel_order", "cancel_all", "flatten", "set_limits",
        "place", "stop", "hold", "resolve", "reconcile",
    ]
    private static let evidences = [
        "none", "ack", "refused", "fill", "canceled", "expired", "rejected", "found_open",
        "found_filled", "found_canceled", "found_expired", "found_rejected", "not_found",
        "uncertain", "duplicate_id", "cancel_refused", "cancel_uncertain", "amended",
        "amend_refused", "unknown_state",
    ]
    private static let streams = ["closed", "connecting", "open", "waiting"]
    private static let syncs = ["empty", "buffering", "live", "stale"]

    private static func name(_ index: Int, _ names: [String]) -> String {
        names.indices.contains(index) ? names[index] : "\(index)"
    }
}

/// One word of what a record says.
public struct JournalField: Sendable, Equatable {
    public var name: String
    public var value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ value: some BinaryInteger) { self.init(name, String(value)) }
}

extension JournalRecord {
    /// What the payload says, in reading order. Prices and quantities are decimal where
    /// `instruments`, by slot, knows the instrument, else ticks and lots. `.corrupt`: the payload
    /// is shorter than its kind's layout.
    public func fields(_ instruments: [Instrument]) throws(CoreError) -> [JournalField] {
        let payload = JournalPayload(record: record, bytes: self.payload)
        switch Int(record.pointee.kind) {
        case NT_RECORD_START: return start(try payload.read(nt_record_start.self))
        case NT_RECORD_VERDICT:
            return verdict(try payload.read(nt_record_verdict.self), instruments)
        case NT_RECORD_REQUEST: return request(try payload.read(nt_request.self), instruments)
        case NT_RECORD_STEP:
            let step = try payload.read(nt_record_step.self)
            let event = String(cString: nt_order_event_name(step.event))
            return [order(step.order), JournalField("event", event)]
        case NT_RECORD_REPORT:
            return report(try payload.read(nt_record_report.self), instruments)
        case NT_RECORD_COMMAND: return command(try payload.read(nt_command.self), instruments)
        case NT_RECORD_RESTORE:
            let restored = try payload.read(nt_order.self)
            let state = JournalField("state", String(cString: nt_order_state_name(restored.state)))
            return [state] + intent(restored.intent, instruments)
        case NT_RECORD_STATE:
            let state = try payload.read(nt_record_state.self)
            let name = TradingState(rawValue: UInt8(truncatingIfNeeded: state.state))?.name
            return [
                subject(state.instrument, instruments), JournalField("state", name ?? "unknown"),
                JournalField("reason", fixedText(state.reason)),
            ]
        default: return try rest(payload, instruments)
        }
    }

    private func rest(
        _ payload: JournalPayload, _ instruments: [Instrument]
    ) throws(CoreError) -> [JournalField] {
        switch Int(record.pointee.kind) {
        case NT_RECORD_LIMITS:
            let limits = try payload.read(nt_record_limits.self)
            return [subject(limits.instrument, instruments)]
        case NT_RECORD_STREAM:
            let change = try payload.read(nt_record_change.self)
            return [
                JournalField("stream", change.subject),
                JournalField("state", Self.name(Int(change.state), Self.streams)),
            ]
        case NT_RECORD_SYNC:
            let change = try payload.read(nt_record_change.self)
            return [
                subject(change.subject, instruments),
                JournalField("state", Self.name(Int(change.state), Self.syncs)),
            ]
        case NT_RECORD_CLOCK:
            let day = try payload.read(nt_record_day.self)
            return [
                JournalField("day", day.day),
                JournalField("profit", Money(units: day.start_profit).description),
            ]
        case NT_RECORD_STOP:
            let hash = try payload.read(nt_record_stop.self).hash
            return [JournalField("hash", hexadecimal(hash))]
        case NT_RECORD_INSTRUMENT:
            let found = try payload.read(nt_record_instrument.self)
            return [
                JournalField("slot", found.slot),
                JournalField("symbol", Instrument(found.instrument).symbol),
            ]
        case NT_RECORD_LISTED:
            let listed = try payload.read(nt_record_listed.self)
            return [subject(listed.instrument, instruments), JournalField("trade", listed.trade)]
        case NT_RECORD_RESOLUTION: return resolution(try payload.read(nt_record_resolution.self))
        case NT_RECORD_EQUITY: return equity(try payload.read(nt_record_equity.self), instruments)
        default: return []
        }
    }

    private func start(_ c: nt_record_start) -> [JournalField] {
        [
            JournalField("epoch", c.epoch), JournalField("instance", c.instance),
            JournalField("instruments", c.instrument_count),
        ]
    }

    private func verdict(
        _ c: nt_record_verdict, _ instruments: [Instrument]
    ) -> [JournalField] {
        let decision = Decision(c)
        let outcome = [JournalField("verdict", decision.verdict)]
        let numbers =
            decision.verdict == "pass"
            ? [] : [JournalField("value", c.verdict.value), JournalField("limit", c.verdict.limit)]
        let kind = JournalField("kind", decision.kind?.name ?? "unknown")
        return outcome + numbers + [kind] + intent(c.intent, instruments)
    }

    private func request(_ c: nt_request, _ instruments: [Instrument]) -> [JournalField] {
        let kind = JournalField("kind", Self.name(Int(c.kind), Self.requests))
        guard c.kind == NT_REQUEST_PLACE || c.kind == NT_REQUEST_AMEND else {
            return [kind, subject(c.intent.instrument, instruments)]
                + (c.intent.order == 0 ? [] : [order(c.intent.order)])
        }
        return [kind] + intent(c.intent, instruments)
    }

    private func intent(_ c: nt_intent, _ instruments: [Instrument]) -> [JournalField] {
        var fields = [
            order(c.order), subject(c.instrument, instruments),
            JournalField("side", Side(rawValue: c.side)?.name ?? "unknown"),
            JournalField("type", OrderType(rawValue: c.type)?.name ?? "unknown"),
            JournalField("quantity", quantity(c.quantity, c.instrument, instruments)),
        ]
        if c.price != 0 {
            fields.append(JournalField("price", price(c.price, c.instrument, instruments)))
        }
        return fields
    }

    private func report(_ c: nt_record_report, _ instruments: [Instrument]) -> [JournalField] {
        var fields = [
            JournalField("evidence", Self.name(Int(c.report.evidence), Self.evidences)),
            order(c.report.order), subject(c.instrument, instruments),
        ]
        if c.report.trade != 0 {
            fields += [
                JournalField("trade", c.report.trade),
                JournalField("side", Side(rawValue: c.report.side)?.name ?? "unknown"),
                JournalField("price", price(c.report.last_price, c.instrument, instruments)),
                JournalField(
                    "quantity", quantity(c.report.last_quantity, c.instrument, instruments)),
                JournalField("fee", Money(units: c.report.fee).description),
                JournalField("fee_asset", fixedText(c.report.fee_asset)),
                JournalField("counted", c.position_takes != 0 ? "yes" : "no"),
            ]
        }
        if c.report.code != 0 { fields.append(JournalField("code", c.report.code)) }
        return fields
    }

    private func command(_ c: nt_command, _ instruments: [Instrument]) -> [JournalField] {
        var fields = [
            JournalField("command", Self.name(Int(c.kind), Self.commands)),
            subject(c.instrument, instruments),
        ]
        if c.kind == NT_COMMAND_CANCEL_ORDER { fields.append(order(c.position_or_order)) }
        let reason = fixedText(c.reason)
        if !reason.isEmpty { fields.append(JournalField("reason", reason)) }
        return fields
    }

    private func resolution(_ c: nt_record_resolution) -> [JournalField] {
        [
            order(c.order), JournalField("before", String(cString: nt_order_state_name(c.before))),
            JournalField("after", String(cString: nt_order_state_name(c.after))),
            JournalField("filled_lots", c.filled < 0 ? "not said" : String(c.filled)),
            JournalField("reason", fixedText(c.reason)),
        ]
    }

    private func equity(_ c: nt_record_equity, _ instruments: [Instrument]) -> [JournalField] {
        [
            subject(c.instrument, instruments),
            JournalField("held", quantity(c.lots, c.instrument, instruments)),
            JournalField("mark", price(c.mark, c.instrument, instruments)),
            JournalField("realised", Money(units: c.realised).description),
            JournalField("unrealised", Money(units: c.unrealised).description),
            JournalField("fees", Money(units: c.fees).description),
        ]
    }

    private func order(_ key: UInt64) -> JournalField {
        JournalField("order", OrderKey(raw: key).description)
    }

    private func subject(_ slot: UInt32, _ instruments: [Instrument]) -> JournalField {
        guard slot != NT_NO_INSTRUMENT else { return JournalField("symbol", "all") }
        if let strategy = InstrumentID(slot: slot).strategy {
            return JournalField("strategy", strategy)
        }
        let index = Int(slot)
        let name = instruments.indices.contains(index) ? instruments[index].symbol : "#\(slot)"
        return JournalField("symbol", name)
    }

    private func price(_ ticks: Int64, _ slot: UInt32, _ instruments: [Instrument]) -> String {
        let index = Int(slot)
        guard instruments.indices.contains(index) else { return "\(ticks) ticks" }
        return instruments[index].text(Price(ticks: ticks))
    }

    private func quantity(_ lots: Int64, _ slot: UInt32, _ instruments: [Instrument]) -> String {
        let index = Int(slot)
        guard instruments.indices.contains(index) else { return "\(lots) lots" }
        return instruments[index].text(Quantity(lots: lots))
    }
}

/// Sixteen digits.
func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
