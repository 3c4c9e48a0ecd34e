// PlusDM.swift — upward directional movement.

/// Wilder's smoothed sum of upward movement (Wilder 1978). Warm-up: period − 1 (1 for a period of
/// one). O(1) an update.
public struct PlusDM: Indicator {
    private var movement: DirectionalMovement

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { movement = DirectionalMovement(period: period) }

    public var lookback: Int { max(1, movement.period - 1) }

    public mutating func update(_ bar: Bar) -> Double? {
        movement.update(bar)
        return movement.hasMovement ? movement.plus.value : nil
    }

    static let entry = IndicatorEntry(
        "PLUS_DM", "+DM, upward directional movement", .trend, parameters: [.period(14)],
        inputs: [.high, .low], source: "TA-Lib PLUS_DM"
    ) { PlusDM(period: $0.whole(0)) }
}
