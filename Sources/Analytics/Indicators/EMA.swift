// EMA.swift — exponential moving average.

/// Exponential moving average: `value += 2 / (period + 1) × (input − value)`, seeded with the
/// simple mean of the first `period` inputs, as TA-Lib's EMA does. Warm-up: period − 1. O(1) an
/// update, no allocation.
public struct EMA: Indicator {
    public let period: Int
    private let weight: Double
    private var value = 0.0
    private var count = 0

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        precondition(period > 0, "period must be positive")
        self.period = period
        weight = 2 / Double(period + 1)
    }

    public var lookback: Int { period - 1 }

    /// Takes the next input; returns the average, or nil while warming up.
    public mutating func update(_ input: Double) -> Double? {
        if count < period {
            count += 1
            value += (input - value) / Double(count)
            return count == period ? value : nil
        }
        value += weight * (input - value)
        return value
    }

    static let entry = IndicatorEntry(
        "EMA", "Exponential moving average", .trend, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib EMA"
    ) { EMA(period: $0.whole(0)) }
}
