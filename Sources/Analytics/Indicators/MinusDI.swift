// MinusDI.swift — downward directional indicator.

/// Smoothed downward movement in percent of the smoothed true range (Wilder 1978); 0 where that is
/// 0. Warm-up: period. O(1) an update.
public struct MinusDI: Indicator {
    private var movement: DirectionalMovement

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { movement = DirectionalMovement(period: period) }

    public var lookback: Int { movement.period }

    public mutating func update(_ bar: Bar) -> Double? {
        movement.update(bar)
        return movement.hasDirections ? movement.directions?.minus ?? 0 : nil
    }

    static let entry = IndicatorEntry(
        "MINUS_DI", "−DI, downward directional indicator", .trend, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib MINUS_DI"
    ) { MinusDI(period: $0.whole(0)) }
}
