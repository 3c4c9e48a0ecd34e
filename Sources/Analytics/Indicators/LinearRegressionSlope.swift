// LinearRegressionSlope.swift — the slope of the line, in input units a bar through the last
// inputs.

/// Least-squares line through the last `period` inputs: the slope of the line, in input units a
/// bar. Warm-up: period − 1. O(1) an update.
public struct LinearRegressionSlope: Indicator {
    public let period: Int
    private var rolling: RollingLine

    /// - Precondition: `period` is at least 2.
    public init(period: Int = 14) {
        self.period = period
        rolling = RollingLine(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        guard let line = rolling.update(input) else { return nil }
        return line.slope
    }

    static let entry = IndicatorEntry(
        "LINEARREG_SLOPE", "Linear regression slope", .statistics,
        parameters: [.period(14, from: 2)],
        inputs: [.close], source: "TA-Lib LINEARREG_SLOPE"
    ) { LinearRegressionSlope(period: $0.whole(0)) }
}
