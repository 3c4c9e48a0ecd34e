// Parkinson.swift — Parkinson volatility from the range of bars.

import Foundation

/// `√(perYear × mean)` over `period` bars of `ln(high / low)² / (4 ln 2)`
/// (Parkinson 1980). Prices must be positive. Warm-up: period − 1. O(1) an update.
public struct Parkinson: Indicator {
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
        let range = log(bar.high / bar.low)
        return range * range / (4 * log(2))
    }

    static let entry = IndicatorEntry(
        "PARKINSON", "Parkinson volatility", .volatility,
        parameters: [.period(20), .perYear], inputs: [.high, .low], source: "Parkinson 1980"
    ) { Parkinson(period: $0.whole(0), perYear: $0[1]) }
}
