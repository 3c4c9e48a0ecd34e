// Sum.swift — the sum of the last inputs.

/// Sum of the last `period` inputs. Warm-up: period − 1. O(1) an update.
public struct Sum: Indicator {
    public let period: Int
    private var sum: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int = 30) {
        self.period = period
        sum = RollingSum(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? { sum.update(input) }

    static let entry = IndicatorEntry(
        "SUM", "Sum", .statistics, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib SUM"
    ) { Sum(period: $0.whole(0)) }
}
