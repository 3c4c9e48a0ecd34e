// LinearRegression.swift — the last point of the line through the last inputs.

/// Least-squares line through the last `period` inputs: the last point of the line.
/// Warm-up: period − 1. O(1) an update.
public struct LinearRegression: Indicator {
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
        return line.intercept + line.slope * Double(period - 1)
    }

    static let entry = IndicatorEntry(
        "LINEARREG", "Linear regression", .statistics, parameters: [.period(14, from: 2)],
        inputs: [.close], source: "TA-Lib LINEARREG"
    ) { LinearRegression(period: $0.whole(0)) }
}
