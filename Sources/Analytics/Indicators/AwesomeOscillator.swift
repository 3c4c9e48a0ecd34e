// AwesomeOscillator.swift — short mean of medians less the long one.

/// `SMA(fast) − SMA(slow)` of the median price (Williams 1998). Warm-up: slow − 1. O(1) an update.
public struct AwesomeOscillator: Indicator {
    public let lookback: Int
    private var fast, slow: SMA

    /// - Precondition: both periods are positive.
    public init(fast: Int = 5, slow: Int = 34) {
        lookback = max(fast, slow) - 1
        self.fast = SMA(period: fast)
        self.slow = SMA(period: slow)
    }

    public mutating func update(_ bar: Bar) -> Double? {
        let short = fast.update(bar.median)
        guard let long = slow.update(bar.median), let short else { return nil }
        return short - long
    }

    static let entry = IndicatorEntry(
        "AWESOME", "Awesome oscillator", .momentum,
        parameters: [.period(5, "fastperiod"), .period(34, "slowperiod")], inputs: [.high, .low],
        source: "Williams 1998"
    ) { AwesomeOscillator(fast: $0.whole(0), slow: $0.whole(1)) }
}
