// WilliamsR.swift — Williams %R.

/// `−100 × (highest − close) / (highest − lowest)` over `period` bars, 0 in a flat range. Warm-up:
/// period − 1. O(1) an update.
public struct WilliamsR: Indicator {
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
        return top == bottom ? 0 : -100 * (top - bar.close) / (top - bottom)
    }

    static let entry = IndicatorEntry(
        "WILLR", "Williams %R", .momentum, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib WILLR"
    ) { WilliamsR(period: $0.whole(0)) }
}
