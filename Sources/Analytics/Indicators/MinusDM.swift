// MinusDM.swift — downward directional movement.

/// Wilder's smoothed sum of downward movement (Wilder 1978). Warm-up: period − 1 (1 for a period of
/// one). O(1) an update.
public struct MinusDM: Indicator {
    private var movement: DirectionalMovement

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { movement = DirectionalMovement(period: period) }

    public var lookback: Int { max(1, movement.period - 1) }

    public mutating func update(_ bar: Bar) -> Double? {
        movement.update(bar)
        return movement.hasMovement ? movement.minus.value : nil
    }

    static let entry = IndicatorEntry(
        "MINUS_DM", "−DM, downward directional movement", .trend, parameters: [.period(14)],
        inputs: [.high, .low], source: "TA-Lib MINUS_DM"
    ) { MinusDM(period: $0.whole(0)) }
}
