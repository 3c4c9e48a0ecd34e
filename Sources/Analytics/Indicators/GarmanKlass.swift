// GarmanKlass.swift — Garman-Klass volatility from the range of bars.

import Foundation

/// `√(perYear × mean)` over `period` bars of `½ ln(high / low)² − (2 ln 2 − 1) ln(close / open)²`
/// (Garman and Klass 1980). Prices must be positive. Warm-up: period − 1. O(1) an update.
public struct GarmanKlass: Indicator {
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

    private static let bodyWeight = 2 * log(2.0) - 1

    static func variance(_ bar: Bar) -> Double {
        let range = log(bar.high / bar.low)
        let body = log(bar.close / bar.open)
        return 0.5 * range * range - bodyWeight * body * body
    }

    static let entry = IndicatorEntry(
        "GARMAN_KLASS", "Garman-Klass volatility", .volatility,
        parameters: [.period(20), .perYear], inputs: [.open, .high, .low, .close],
        source: "Garman and Klass 1980"
    ) { GarmanKlass(period: $0.whole(0), perYear: $0[1]) }
}
