// PPO.swift — percentage price oscillator.

/// Fast average less slow average in percent of the slow one; 0 where that is 0. Warm-up: that of
/// the slow average. O(1) an update.
public struct PPO: Indicator {
    public let lookback: Int
    private var fast, slow: MovingAverage

    /// - Precondition: both periods are positive.
    public init(fast: Int = 12, slow: Int = 26, kind: MovingAverage.Kind = .exponential) {
        self.fast = MovingAverage(kind, period: min(fast, slow))
        self.slow = MovingAverage(kind, period: max(fast, slow))
        lookback = max(self.fast.lookback, self.slow.lookback)
    }

    public mutating func update(_ input: Double) -> Double? {
        let quick = fast.update(input)
        guard let calm = slow.update(input), let quick else { return nil }
        return calm == 0 ? 0 : 100 * (quick - calm) / calm
    }

    static let entry = IndicatorEntry(
        "PPO", "Percentage price oscillator", .trend,
        parameters: [
            .period(12, "fastperiod"), .period(26, "slowperiod"),
            .average("matype", .exponential),
        ], inputs: [.close],
        source: "TA-Lib PPO"
    ) { PPO(fast: $0.whole(0), slow: $0.whole(1), kind: $0.average(2)) }
}
