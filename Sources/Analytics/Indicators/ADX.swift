// ADX.swift — average directional index.

/// Wilder's mean of DX (Wilder 1978). An undefined DX adds nothing to the seed and leaves the mean
/// as it is. Warm-up: 2 × period − 1. O(1) an update.
public struct ADX: Indicator {
    public let period: Int
    private var movement: DirectionalMovement
    private var value = 0.0
    private var count = 0

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        movement = DirectionalMovement(period: period)
    }

    public var lookback: Int { 2 * period - 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        movement.update(bar)
        guard movement.hasDirections else { return nil }
        if count < period {
            count += 1
            value += (movement.index ?? 0) / Double(period)
            return count == period ? value : nil
        }
        if let index = movement.index { value += (index - value) / Double(period) }
        return value
    }

    static let entry = IndicatorEntry(
        "ADX", "Average directional index", .trend, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib ADX"
    ) { ADX(period: $0.whole(0)) }
}
