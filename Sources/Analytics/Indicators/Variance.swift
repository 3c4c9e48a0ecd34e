// Variance.swift — variance of the last inputs.

/// Population variance of the last `period` inputs. (TA-Lib's `nbdev` changes nothing.) Warm-up:
/// period − 1. O(1) an update.
public struct Variance: Indicator {
    public let period: Int
    private var moments: RollingMoments

    /// - Precondition: `period` is positive.
    public init(period: Int = 20) {
        self.period = period
        moments = RollingMoments(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        moments.update(input)
        return moments.isFull ? moments.variance() : nil
    }

    static let entry = IndicatorEntry(
        "VAR", "Variance", .statistics,
        parameters: [.period(5), .number(1, "nbdev", in: -1e6...1e6)],
        inputs: [.close],
        source: "TA-Lib VAR"
    ) { Variance(period: $0.whole(0)) }
}
