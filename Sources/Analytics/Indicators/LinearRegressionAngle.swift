// LinearRegressionAngle.swift — the angle of the line in degrees through the last inputs.

import Foundation

/// Least-squares line through the last `period` inputs: the angle of the line in degrees.
/// Warm-up: period − 1. O(1) an update.
public struct LinearRegressionAngle: Indicator {
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
        return atan(line.slope) * 180 / .pi
    }

    static let entry = IndicatorEntry(
        "LINEARREG_ANGLE", "Linear regression angle", .statistics,
        parameters: [.period(14, from: 2)],
        inputs: [.close], source: "TA-Lib LINEARREG_ANGLE"
    ) { LinearRegressionAngle(period: $0.whole(0)) }
}
