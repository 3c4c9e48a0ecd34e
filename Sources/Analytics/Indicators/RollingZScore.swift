// RollingZScore.swift — how unusual a value is among the last ones.

/// `(value − mean) / sample deviation` of the last `period` inputs, the current one among them,
/// from `least` inputs on; 0 where nothing varies. Warm-up: least − 1. O(1) an update.
public struct RollingZScore: Indicator {
    public let period, least: Int
    private var moments: RollingMoments

    /// - Precondition: `1 < least ≤ period`.
    public init(period: Int = 252, least: Int = 60) {
        precondition(least > 1 && least <= period, "least must be 2 to period")
        self.period = period
        self.least = least
        moments = RollingMoments(period: period)
    }

    public var lookback: Int { least - 1 }

    public mutating func update(_ input: Double) -> Double? {
        moments.update(input)
        guard moments.count >= least else { return nil }
        let deviation = moments.variance(freedom: 1).squareRoot()
        return deviation > 0 ? (input - moments.mean) / deviation : 0
    }

    static let entry = IndicatorEntry(
        "ZSCORE", "Rolling z-score", .statistics,
        parameters: [.period(252, from: 2), .period(60, "least", from: 2)], inputs: [.close],
        source: "(value − mean) / sample deviation"
    ) { RollingZScore(period: max($0.whole(0), $0.whole(1)), least: $0.whole(1)) }
}
