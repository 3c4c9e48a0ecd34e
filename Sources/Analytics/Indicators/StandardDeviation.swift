// StandardDeviation.swift — standard deviation of the last inputs.

/// Population standard deviation of the last `period` inputs, times `multiple`. Warm-up: period −
/// 1. O(1) an update.
public struct StandardDeviation: Indicator {
    public let period: Int
    public let multiple: Double
    private var moments: RollingMoments

    /// - Precondition: `period` is positive.
    public init(period: Int = 20, multiple: Double = 1) {
        self.period = period
        self.multiple = multiple
        moments = RollingMoments(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        moments.update(input)
        return moments.isFull ? multiple * moments.variance().squareRoot() : nil
    }

    static let entry = IndicatorEntry(
        "STDDEV", "Standard deviation", .statistics,
        parameters: [.period(5), .number(1, "nbdev", in: -1e6...1e6)],
        inputs: [.close], source: "TA-Lib STDDEV"
    ) { StandardDeviation(period: $0.whole(0), multiple: $0[1]) }
}
