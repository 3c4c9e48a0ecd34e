// GateLimits.swift — the gate's table in Swift: what a risk policy compiles into.
import CCore

/// Limits of one instrument. A zero means unset, and unset refuses.
public struct InstrumentLimits: Sendable, Hashable {
    public var maxOrderLots: Int64 = 0
    public var maxOrderValue: Money = .zero
    /// Absolute lots, worst case.
    public var maxPositionLots: Int64 = 0
    /// Parts per million from the touch; 10,000 = 1 %.
    public var collarPPM: Int64 = 0
    public var emergencyCollarPPM: Int64 = 0
    /// Nanoseconds, by receive time and by venue time.
    public var maxAge: Int64 = 0
    public var allowShort = false
    /// Milliseconds: an older touch is no reference for exits either.
    public var emergencyMaxAgeMilliseconds: UInt32 = 0

    public init() {}

    package init(_ c: nt_instrument_limits) {
        maxOrderLots = c.max_order_lots
        maxOrderValue = Money(units: c.max_order_value)
        maxPositionLots = c.max_position_lots
        collarPPM = c.collar_ppm
        emergencyCollarPPM = c.emergency_collar_ppm
        maxAge = c.max_age_ns
        allowShort = c.allow_short
        emergencyMaxAgeMilliseconds = c.emergency_max_age_ms
    }

    package var c: nt_instrument_limits {
        nt_instrument_limits(
            max_order_lots: maxOrderLots, max_order_value: maxOrderValue.units,
            max_position_lots: maxPositionLots, collar_ppm: collarPPM,
            emergency_collar_ppm: emergencyCollarPPM, max_age_ns: maxAge, allow_short: allowShort,
            emergency_max_age_ms: emergencyMaxAgeMilliseconds)
    }
}

/// Limits of the account, as dealt to one lane. A zero means unset, and unset refuses.
public struct AccountLimits: Sendable, Hashable {
    public var maxGrossValue: Money = .zero
    public var maxOpenValue: Money = .zero
    /// A positive amount.
    public var maxDailyLoss: Money = .zero
    public var maxOpenOrders: UInt32 = 0
    public var maxOrdersPerWindow: UInt32 = 0
    public var orderWindow: Int64 = 0
    /// Nanoseconds; zero = not checked, the one limit that may be off.
    public var duplicateWindow: Int64 = 0
    public var maxRejectsPerWindow: UInt32 = 0
    public var rejectWindow: Int64 = 0
    /// Request weight that a window allows this lane, and what of it is kept for exits.
    public var budgetWeight: Int64 = 0
    public var budgetReserve: Int64 = 0
    public var budgetWindow: Int64 = 0

    public init() {}

    package init(_ c: nt_account_limits) {
        maxGrossValue = Money(units: c.max_gross_value)
        maxOpenValue = Money(units: c.max_open_value)
        maxDailyLoss = Money(units: c.max_daily_loss)
        maxOpenOrders = c.max_open_orders
        maxOrdersPerWindow = c.max_orders_per_window
        orderWindow = c.order_window_ns
        duplicateWindow = c.duplicate_window_ns
        maxRejectsPerWindow = c.max_rejects_per_window
        rejectWindow = c.reject_window_ns
        budgetWeight = c.budget_weight
        budgetReserve = c.budget_reserve
        budgetWindow = c.budget_window_ns
    }

    package var c: nt_account_limits {
        nt_account_limits(
            max_gross_value: maxGrossValue.units, max_open_value: maxOpenValue.units,
            max_daily_loss: maxDailyLoss.units, max_open_orders: maxOpenOrders,
            max_orders_per_window: maxOrdersPerWindow, order_window_ns: orderWindow,
            duplicate_window_ns: duplicateWindow, max_rejects_per_window: maxRejectsPerWindow,
            reject_window_ns: rejectWindow, budget_weight: budgetWeight,
            budget_reserve: budgetReserve, budget_window_ns: budgetWindow)
    }
}

/// Trading state: down-moves are instant, up-moves need the operator.
public enum TradingState: UInt8, Sendable, Codable {
    case active = 0
    case reducing = 1
    case halted = 2

    public var name: String { "\(self)" }
}
