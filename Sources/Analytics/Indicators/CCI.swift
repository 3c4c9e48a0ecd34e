// CCI.swift — commodity channel index.

/// `(typical − mean) / (0.015 × mean absolute deviation)` over `period` bars (Lambert 1980); 0
/// where nothing deviates. Warm-up: period − 1. O(period) an update: the deviation is from a mean
/// that moves.
public struct CCI: Indicator {
    public let period: Int
    private var sum: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int = 20) {
        self.period = period
        sum = RollingSum(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let total = sum.update(bar.typical) else { return nil }
        let mean = total / Double(period)
        var deviation = 0.0
        sum.window.forEach { deviation += abs($0 - mean) }
        let distance = bar.typical - mean
        guard distance != 0, deviation != 0 else { return 0 }
        return distance / (0.015 * deviation / Double(period))
    }

    static let entry = IndicatorEntry(
        "CCI", "Commodity channel index", .momentum, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib CCI"
    ) { CCI(period: $0.whole(0)) }
}
