// DX.swift — directional index.

/// |+DI − −DI| in percent of their sum (Wilder 1978). Where that is not defined the value before
/// stands, 0 at first. Warm-up: period. O(1) an update.
public struct DX: Indicator {
    private var movement: DirectionalMovement
    private var value = 0.0

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { movement = DirectionalMovement(period: period) }

    public var lookback: Int { movement.period }

    public mutating func update(_ bar: Bar) -> Double? {
        movement.update(bar)
        guard movement.hasDirections else { return nil }
        if let index = movement.index { value = index }
        return value
    }

    static let entry = IndicatorEntry(
        "DX", "Directional index", .trend, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib DX"
    ) { DX(period: $0.whole(0)) }
}
