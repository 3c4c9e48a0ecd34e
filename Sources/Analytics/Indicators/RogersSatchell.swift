// RogersSatchell.swift — Rogers-Satchell volatility from the range of bars.

import Foundation

/// `√(perYear × mean)` over `period` bars of `ln(high / close) ln(high / open) + ln(low / close)
/// ln(low / open)` (Rogers and Satchell 1991). Prices must be positive. Warm-up: period − 1. O(1)
/// an update.
public struct RogersSatchell: Indicator {
    public let period: Int
    public let perYear: Double
    private var sum: RollingSum

    /// `perYear`: bars in a year, 1 to leave it per bar.
    /// - Precondition: `period` is positive.
    public init(period: Int = 20, perYear: Double = 252) {
        self.period = period
        self.perYear = perYear
        sum = RollingSum(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let total = sum.update(Self.variance(bar)) else { return nil }
        return (perYear * max(total, 0) / Double(period)).squareRoot()
    }

    static func variance(_ bar: Bar) -> Double {
        log(bar.high / bar.close) * log(bar.high / bar.open)
            + log(bar.low / bar.close) * log(bar.low / bar.open)
    }

    static let entry = IndicatorEntry(
        "ROGERS_SATCHELL", "Rogers-Satchell volatility", .volatility,
        parameters: [.period(20), .perYear], inputs: [.open, .high, .low, .close],
        source: "Rogers and Satchell 1991"
    ) { RogersSatchell(period: $0.whole(0), perYear: $0[1]) }
}
