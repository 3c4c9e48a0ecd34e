// TimeSeriesForecast.swift — the line one bar ahead through the last inputs.

/// Least-squares line through the last `period` inputs: the line one bar ahead.
/// Warm-up: period − 1. O(1) an update.
public struct TimeSeriesForecast: Indicator {
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
        return line.intercept + line.slope * Double(period)
    }

    static let entry = IndicatorEntry(
        "TSF", "Time series forecast", .statistics, parameters: [.period(14, from: 2)],
        inputs: [.close], source: "TA-Lib TSF"
    ) { TimeSeriesForecast(period: $0.whole(0)) }
}
