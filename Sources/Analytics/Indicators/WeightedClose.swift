// WeightedClose.swift — mean of high, low and twice the close.

/// Mean of high, low and twice the close. No warm-up. O(1) an update.
public struct WeightedClose: Indicator {
    public init() {}

    public var lookback: Int { 0 }

    public mutating func update(_ bar: Bar) -> Double? { (bar.high + bar.low + 2 * bar.close) / 4 }

    static let entry = IndicatorEntry(
        "WCLPRICE", "Weighted close", .statistics, inputs: [.high, .low, .close],
        source: "TA-Lib WCLPRICE"
    ) { _ in WeightedClose() }
}
