// RiskPolicy.swift — limits as people write them, compiled into the gate's table.
public import Core

/// Limits of one instrument in its own units. Nil means unset, and unset refuses every order.
public struct InstrumentPolicy: Sendable, Hashable {
    /// Base units, such as "0.01" BTC.
    public var maxOrder: String?
    public var maxPosition: String?
    public var maxOrderValue: Money?
    /// Fractions of the price: 0.01 = 1 %.
    public var collar: Double? = 0.01
    public var emergencyCollar: Double? = 0.05
    public var maxAgeMilliseconds: Int64? = 2000
    /// Of the last valid touch, as the reference of exits.
    public var emergencyMaxAgeMilliseconds: Int64? = 600_000
    /// Without changes of the book for so long, the venue's own is asked for. 0: never.
    public var maxSilenceMilliseconds: Int64 = 5000
    public var allowShort = false

    public init() {}
}

/// Limits of the account. Nil means unset, and unset refuses every order.
public struct AccountPolicy: Sendable, Hashable {
    public var maxGrossValue: Money?
    public var maxOpenValue: Money?
    public var maxDailyLoss: Money?
    public var maxOpenOrders: Int?
    public var maxOrdersPerSecond: Int?
    public var duplicateWindowMilliseconds: Int64 = 250
    public var maxRejects = 20
    public var rejectWindowSeconds: Int64 = 60
    /// Request weight per minute that the venue allows, and the share kept for exits.
    public var weightPerMinute: Int64 = 6000
    public var weightReserve: Int64 = 600

    public init() {}
}

/// A limit that cannot be compiled: which one, and why.
public struct PolicyError: Error, Equatable {
    /// Key as the configuration writes it, such as `max_order`.
    public var key: String
    public var problem: String
}

extension InstrumentPolicy {
    /// Compiles into the gate's table for `instrument`. Unset limits stay zero, and refuse.
    public func compiled(for instrument: Instrument) throws(PolicyError) -> InstrumentLimits {
        var limits = InstrumentLimits()
        limits.maxOrderLots = try lots("max_order", maxOrder, instrument)
        limits.maxPositionLots = try lots("max_position", maxPosition, instrument)
        limits.maxOrderValue = maxOrderValue ?? .zero
        limits.collarPPM = try partsPerMillion("collar", collar)
        limits.emergencyCollarPPM = try partsPerMillion("emergency_collar", emergencyCollar)
        limits.maxAge = (maxAgeMilliseconds ?? 0) * 1_000_000
        limits.allowShort = allowShort
        limits.emergencyMaxAgeMilliseconds = UInt32(clamping: emergencyMaxAgeMilliseconds ?? 0)
        return limits
    }

    private func lots(
        _ key: String, _ text: String?, _ instrument: Instrument
    ) throws(PolicyError) -> Int64 {
        guard let text else { return 0 }
        do throws(CoreError) {
            return try instrument.quantity(text).lots
        } catch {
            throw PolicyError(
                key: key, problem: "\(error.text) of \(instrument.symbol)'s step")
        }
    }

    private func partsPerMillion(
        _ key: String, _ fraction: Double?
    ) throws(PolicyError) -> Int64 {
        guard let fraction else { return 0 }
        guard fraction.isFinite, fraction > 0, fraction < 1 else {
            throw PolicyError(key: key, problem: "\(fraction) is not between 0 and 1")
        }
        return Int64((fraction * 1_000_000).rounded())
    }
}

extension AccountPolicy {
    /// Compiles into the gate's table. Unset limits stay zero, and refuse.
    public func compiled() -> AccountLimits {
        var limits = AccountLimits()
        limits.maxGrossValue = maxGrossValue ?? .zero
        limits.maxOpenValue = maxOpenValue ?? .zero
        limits.maxDailyLoss = maxDailyLoss ?? .zero
        limits.maxOpenOrders = UInt32(clamping: maxOpenOrders ?? 0)
        limits.maxOrdersPerWindow = UInt32(clamping: maxOrdersPerSecond ?? 0)
        limits.orderWindow = 1_000_000_000
        limits.duplicateWindow = duplicateWindowMilliseconds * 1_000_000
        limits.maxRejectsPerWindow = UInt32(clamping: maxRejects)
        limits.rejectWindow = rejectWindowSeconds * 1_000_000_000
        limits.budgetWeight = weightPerMinute
        limits.budgetReserve = weightReserve
        limits.budgetWindow = 60_000_000_000
        return limits
    }
}
