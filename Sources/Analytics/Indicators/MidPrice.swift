// MidPrice.swift — middle of the range of the last bars.

/// Mean of the highest high and the lowest low of the last `period` bars. Warm-up: period − 1. O(1)
/// an update.
public struct MidPrice: Indicator {
    public let period: Int
    private var highest, lowest: RollingExtreme

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        highest = .highest(period)
        lowest = .lowest(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        let top = highest.update(bar.high)
        guard let bottom = lowest.update(bar.low), let top else { return nil }
        return (top + bottom) / 2
    }

    static let entry = IndicatorEntry(
        "MIDPRICE", "Middle of the range", .trend, parameters: [.period(14)],
        inputs: [.high, .low], source: "TA-Lib MIDPRICE"
    ) { MidPrice(period: $0.whole(0)) }
}
