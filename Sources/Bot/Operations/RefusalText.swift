// RefusalText.swift — a refusal's two numbers in the units that people use.
//
// Also change: CCore/gate/check.c, which decides what the numbers are.
import Core

/// What a check found and what it allows, as texts of one unit.
struct RefusalText: Equatable {
    var value: String
    var limit: String
    /// Empty where there is none.
    var unit: String

    /// One sentence with both.
    func sentence(_ name: String) -> String {
        let suffix = unit.isEmpty ? "" : " \(unit)"
        return "\(name.replacing("_", with: " ")): \(value)\(suffix) against \(limit)\(suffix)"
    }

    /// `instrument` nil: the intent named none that exists.
    init(_ refusal: Refusal, _ instrument: Instrument?) {
        self.init(refusal.name, refusal.value, refusal.limit, instrument)
    }

    init(_ name: String, _ value: Int64, _ limit: Int64, _ instrument: Instrument?) {
        switch name {
        case "price_range", "collar", "self_cross": self.init(price: value, limit, instrument)
        case "quantity_range", "order_size", "not_reducing", "position", "no_inventory", "dust",
            "exit_pending":
            self.init(lots: value, limit, instrument)
        case "notional_range", "order_value", "gross", "open_value", "daily_loss":
            self.init(
                value: Money(units: value).description, limit: Money(units: limit).description,
                unit: instrument?.quote ?? "")
        case "stale", "duplicate":
            self.init(
                value: Self.milliseconds(value), limit: Self.milliseconds(limit), unit: "ms")
        case "halted", "reducing":
            let state = TradingState(rawValue: UInt8(clamping: value)) ?? .halted
            self.init(value: state.name, limit: TradingState.active.name, unit: "")
        case "not_connected", "no_reference":
            self.init(value: "absent", limit: "present", unit: "")
        case "limit_unset": self.init(value: "unset", limit: Self.unsetName(limit), unit: "")
        case "rate": self.init(value: "\(value)", limit: "\(limit)", unit: "orders/s")
        case "open_count": self.init(value: "\(value)", limit: "\(limit)", unit: "orders")
        case "unknown_pending": self.init(value: "\(value)", limit: "\(limit)", unit: "orders")
        case "venue_budget": self.init(budget: value, limit)
        default: self.init(value: "\(value)", limit: "\(limit)", unit: "")
        }
    }

    private init(value: String, limit: String, unit: String) {
        self.value = value
        self.limit = limit
        self.unit = unit
    }

    private init(price value: Int64, _ limit: Int64, _ instrument: Instrument?) {
        guard let instrument else {
            self.init(value: "\(value)", limit: "\(limit)", unit: "ticks")
            return
        }
        self.init(
            value: instrument.text(Price(ticks: value)),
            limit: instrument.text(Price(ticks: limit)), unit: instrument.quote)
    }

    private init(lots value: Int64, _ limit: Int64, _ instrument: Instrument?) {
        guard let instrument else {
            self.init(value: "\(value)", limit: "\(limit)", unit: "lots")
            return
        }
        self.init(
            value: instrument.text(Quantity(lots: value)),
            limit: instrument.text(Quantity(lots: limit)), unit: instrument.base)
    }

    /// Weight of a minute, or while the venue asks for silence, monotonic nanoseconds.
    private init(budget value: Int64, _ limit: Int64) {
        let asksForSilence = limit > 1_000_000_000 && value < limit
        guard asksForSilence else {
            self.init(value: "\(value)", limit: "\(limit)", unit: "weight/min")
            return
        }
        self.init(
            value: "now", limit: "after \(Self.milliseconds(limit - value)) ms of silence",
            unit: "")
    }

    /// Rounded up, so that what is over a limit also looks so.
    private static func milliseconds(_ nanoseconds: Int64) -> String {
        Decimals.text(nanoseconds / 1000 + (nanoseconds % 1000 > 0 ? 1 : 0), decimals: 3)
    }

    /// In the order in which the gate looks.
    private static let looked = [
        "emergency_collar", "weight_per_minute", "the venue's budget window", "max_order",
        "max_order_value", "max_position", "collar", "max_age_ms", "max_gross_value",
        "max_open_value", "max_daily_loss", "max_open_orders", "max_orders_per_second",
        "the order window", "max_rejects", "reject_window_s", "weight_reserve",
        "emergency_max_age_ms",
    ]

    private static func unsetName(_ place: Int64) -> String {
        looked.indices.contains(Int(place) - 1) ? looked[Int(place) - 1] : "\(place)"
    }
}
