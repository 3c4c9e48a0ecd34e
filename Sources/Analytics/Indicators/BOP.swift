// BOP.swift — balance of power.

/// `(close − open) / (high − low)`; 0 in a flat bar. No warm-up. O(1) an update.
public struct BOP: Indicator {
    public init() {}

    public var lookback: Int { 0 }

    public mutating func update(_ bar: Bar) -> Double? {
        bar.range < 1e-14 ? 0 : (bar.close - bar.open) / bar.range
    }

    static let entry = IndicatorEntry(
        "BOP", "Balance of power", .momentum, inputs: [.open, .high, .low, .close],
        source: "TA-Lib BOP"
    ) { _ in BOP() }
}
