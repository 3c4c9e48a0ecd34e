// MidPoint.swift — middle of the extremes of one series.

/// Mean of the highest and the lowest of the last `period` inputs. Warm-up: period − 1. O(1) an
/// update.
public struct MidPoint: Indicator {
    public let period: Int
    private var highest, lowest: RollingExtreme

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        highest = .highest(period)
        lowest = .lowest(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        let top = highest.update(input)
        guard let bottom = lowest.update(input), let top else { return nil }
        return (top + bottom) / 2
    }

    static let entry = IndicatorEntry(
        "MIDPOINT", "Middle of the extremes", .trend, parameters: [.period(14)],
        inputs: [.close], source: "TA-Lib MIDPOINT"
    ) { MidPoint(period: $0.whole(0)) }
}
