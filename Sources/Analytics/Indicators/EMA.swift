// EMA.swift — exponential moving average.

/// Exponential moving average: `value += 2 / (period + 1) × (input − value)`, seeded with the
/// simple mean of the first `period` inputs, as TA-Lib's EMA does. O(1) an update, no allocation.
public struct EMA: Sendable {
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
}
