// MedianPrice.swift — mean of high and low.

/// Mean of high and low. No warm-up. O(1) an update.
public struct MedianPrice: Indicator {
    public init() {}

    public var lookback: Int { 0 }

    public mutating func update(_ bar: Bar) -> Double? { bar.median }

    static let entry = IndicatorEntry(
        "MEDPRICE", "Median price", .statistics, inputs: [.high, .low], source: "TA-Lib MEDPRICE"
    ) { _ in MedianPrice() }
}
