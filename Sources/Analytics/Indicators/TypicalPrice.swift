// TypicalPrice.swift — mean of high, low and close.

/// Mean of high, low and close. No warm-up. O(1) an update.
public struct TypicalPrice: Indicator {
    public init() {}

    public var lookback: Int { 0 }

    public mutating func update(_ bar: Bar) -> Double? { bar.typical }

    static let entry = IndicatorEntry(
        "TYPPRICE", "Typical price", .statistics, inputs: [.high, .low, .close],
        source: "TA-Lib TYPPRICE"
    ) { _ in TypicalPrice() }
}
