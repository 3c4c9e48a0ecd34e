// WilderMean.swift — Wilder's smoothing.

/// Wilder's mean: seeded with the mean of the first `period` inputs, then
/// `value += (input − value) / period` (Wilder 1978). O(1), no allocation.
struct WilderMean: Sendable {
    let period: Int
    private(set) var value = 0.0
    private var count = 0

    init(period: Int) {
        precondition(period > 0, "period must be positive")
        self.period = period
    }

    /// Takes `input`; returns the mean, nil until there are `period` inputs.
    mutating func update(_ input: Double) -> Double? {
        if count < period {
            count += 1
            value += (input - value) / Double(count)
            return count == period ? value : nil
        }
        value += (input - value) / Double(period)
        return value
    }
}

/// Wilder's sum: seeded with the sum of the first `period − 1` inputs, then
/// `value += input − value / period`, as in his directional movement.
struct WilderSum: Sendable {
    let period: Int
    private(set) var value = 0.0
    private var count = 0

    init(period: Int) {
        precondition(period > 0, "period must be positive")
        self.period = period
    }

    /// Seeded: `value` stands. The seed itself comes one input before the first smoothed sum.
    var isSeeded: Bool { count >= period - 1 }
    var isSmoothed: Bool { count >= period }

    mutating func update(_ input: Double) {
        if count < period - 1 {
            value += input
        } else {
            value += input - value / Double(period)
        }
        if count < period { count += 1 }
    }
}
