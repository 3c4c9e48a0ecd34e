// ATR.swift — average true range.

/// Wilder's mean of the true range (Wilder 1978). Warm-up: period. O(1) an update.
public struct ATR: Indicator {
    public let period: Int
    private var range = TrueRange()
    private var mean: WilderMean

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        mean = WilderMean(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let range = range.update(bar) else { return nil }
        return mean.update(range)
    }

    static let entry = IndicatorEntry(
        "ATR", "Average true range", .volatility, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib ATR"
    ) { ATR(period: $0.whole(0)) }
}
