// LimitKey.swift — every limit of the gate's table by the name that the configuration gives it:
// its unit, how it is read and written as text, and which way is looser.
import Core

struct LimitKey: Sendable {
    enum Form: Sendable {
        /// Quote currency.
        case money
        case count
        case milliseconds
        case seconds
        /// Base currency, in the instrument's steps.
        case lots
        /// Parts per million, written as a fraction.
        case fraction
        case flag
    }

    enum Looser: Sendable {
        case higher
        case lower
    }

    let name: String
    let isOfAccount: Bool
    let form: Form
    let looser: Looser
    /// What the value may be, in the table's own unit.
    let range: ClosedRange<Int64>
    let read: @Sendable (LaneLimits, Int) -> Int64
    let write: @Sendable (inout LaneLimits, Int, Int64) -> Void

    /// Zero unsets every limit but these two.
    var mayBeZero: Bool { form == .flag || name == "duplicate_window_ms" }

    static func named(_ name: String) -> LimitKey? { all.first { $0.name == name } }

    static let all: [LimitKey] = ofAccount + ofInstrument

    private static let ofAccount: [LimitKey] = [
        account("max_gross_value", .money, \.maxGrossValue.units),
        account("max_open_value", .money, \.maxOpenValue.units),
        account("max_daily_loss", .money, \.maxDailyLoss.units),
        account("max_open_orders", .count, \.maxOpenOrders.wide, 1...4000),
        account("max_orders_per_second", .count, \.maxOrdersPerWindow.wide, 1...1000),
        account(
            "duplicate_window_ms", .milliseconds, \.duplicateWindow, 0...60_000_000_000, .lower),
        account("max_rejects", .count, \.maxRejectsPerWindow.wide, 1...1000),
        account(
            "reject_window_s", .seconds, \.rejectWindow, 1_000_000_000...3_600_000_000_000,
            .lower),
        account("weight_per_minute", .count, \.budgetWeight, 100...100_000),
        account("weight_reserve", .count, \.budgetReserve, 1...50_000, .lower),
    ]

    private static let ofInstrument: [LimitKey] = [
        instrument("max_order", .lots, \.maxOrderLots),
        instrument("max_position", .lots, \.maxPositionLots),
        instrument("max_order_value", .money, \.maxOrderValue.units),
        instrument("collar", .fraction, \.collarPPM, 100...500_000),
        instrument("emergency_collar", .fraction, \.emergencyCollarPPM, 1000...900_000),
        instrument("max_age_ms", .milliseconds, \.maxAge, 10_000_000...60_000_000_000),
        instrument(
            "emergency_max_age_ms", .milliseconds, \.emergencyMaxAge,
            1_000_000_000...86_400_000_000_000),
        instrument("allow_short", .flag, \.allowShort.wide, 0...1),
    ]

    private static func account(
        _ name: String, _ form: Form,
        _ path: any WritableKeyPath<AccountLimits, Int64> & Sendable,
        _ range: ClosedRange<Int64> = 1...Int64.max, _ looser: Looser = .higher
    ) -> LimitKey {
        LimitKey(
            name: name, isOfAccount: true, form: form, looser: looser, range: range,
            read: { limits, _ in limits.account[keyPath: path] },
            write: { limits, _, value in limits.account[keyPath: path] = value })
    }

    private static func instrument(
        _ name: String, _ form: Form,
        _ path: any WritableKeyPath<InstrumentLimits, Int64> & Sendable,
        _ range: ClosedRange<Int64> = 1...Int64.max
    ) -> LimitKey {
        LimitKey(
            name: name, isOfAccount: false, form: form, looser: .higher, range: range,
            read: { limits, slot in limits.instruments[slot][keyPath: path] },
            write: { limits, slot, value in limits.instruments[slot][keyPath: path] = value })
    }
}

extension LimitKey {
    func unit(_ instrument: Instrument) -> String {
        switch form {
        case .money: instrument.quote
        case .count: name == "max_orders_per_second" ? "orders/s" : "count"
        case .milliseconds: "ms"
        case .seconds: "s"
        case .lots: instrument.base
        case .fraction: "fraction of the price"
        case .flag: "true or false"
        }
    }

    func text(_ value: Int64, _ instrument: Instrument) -> String {
        switch form {
        case .money: Money(units: value).description
        case .count: String(value)
        case .milliseconds: String(value / 1_000_000)
        case .seconds: String(value / 1_000_000_000)
        case .lots: instrument.text(Quantity(lots: value))
        case .fraction: Decimals.text(value, decimals: 6)
        case .flag: value == 0 ? "false" : "true"
        }
    }

    /// Reads what `text` writes, in the table's own unit.
    func value(_ text: String, _ instrument: Instrument) throws(CoreError) -> Int64 {
        switch form {
        case .money: return try Decimals.read(text, decimals: Money.decimals)
        case .count: return try Decimals.read(text, decimals: 0)
        case .milliseconds: return try scaled(text, 1_000_000)
        case .seconds: return try scaled(text, 1_000_000_000)
        case .lots: return try instrument.quantity(text).lots
        case .fraction: return try Decimals.read(text, decimals: 6)
        case .flag:
            guard text == "true" || text == "false" else {
                throw CoreError(.invalid, "\"\(text)\" is neither true nor false")
            }
            return text == "true" ? 1 : 0
        }
    }

    private func scaled(_ text: String, _ factor: Int64) throws(CoreError) -> Int64 {
        let (value, overflow) = try Decimals.read(text, decimals: 0)
            .multipliedReportingOverflow(by: factor)
        guard !overflow else { throw CoreError(.overflow, "\"\(text)\" is too large") }
        return value
    }

    func loosens(from before: Int64, to after: Int64) -> Bool {
        looser == .higher ? after > before : after < before
    }
}

extension UInt32 {
    /// The same number, wide; written back clamped.
    fileprivate var wide: Int64 {
        get { Int64(self) }
        set { self = UInt32(clamping: newValue) }
    }
}

extension InstrumentLimits {
    /// Nanoseconds, as every other age.
    fileprivate var emergencyMaxAge: Int64 {
        get { Int64(emergencyMaxAgeMilliseconds) * 1_000_000 }
        set { emergencyMaxAgeMilliseconds = UInt32(clamping: newValue / 1_000_000) }
    }
}

extension Bool {
    fileprivate var wide: Int64 {
        get { self ? 1 : 0 }
        set { self = newValue != 0 }
    }
}
