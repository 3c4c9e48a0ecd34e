// SMA.swift — simple moving average.

/// Mean of the last `period` inputs. Warm-up: period − 1. O(1) an update.
public struct SMA: Indicator {
    public let period: Int
    private var sum: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        sum = RollingSum(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        guard let total = sum.update(input) else { return nil }
        return total / Double(period)
    }

    static let entry = IndicatorEntry(
        "SMA", "Simple moving average", .trend, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib SMA"
    ) { SMA(period: $0.whole(0)) }
}
