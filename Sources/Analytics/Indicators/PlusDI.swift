// PlusDI.swift — upward directional indicator.

/// Smoothed upward movement in percent of the smoothed true range (Wilder 1978); 0 where that is 0.
/// Warm-up: period. O(1) an update.
public struct PlusDI: Indicator {
    private var movement: DirectionalMovement

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { movement = DirectionalMovement(period: period) }

    public var lookback: Int { movement.period }

    public mutating func update(_ bar: Bar) -> Double? {
        movement.update(bar)
        return movement.hasDirections ? movement.directions?.plus ?? 0 : nil
    }

    static let entry = IndicatorEntry(
        "PLUS_DI", "+DI, upward directional indicator", .trend, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib PLUS_DI"
    ) { PlusDI(period: $0.whole(0)) }
}
