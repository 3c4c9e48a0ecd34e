// TRIMA.swift — triangular moving average.

/// A simple mean of simple means, which weighs the middle most. Warm-up: period − 1. O(1) an
/// update.
public struct TRIMA: Indicator {
    public let period: Int
    private var inner, outer: SMA

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        precondition(period > 0, "period must be positive")
        self.period = period
        inner = SMA(period: (period + 1) / 2)
        outer = SMA(period: period / 2 + 1)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        guard let mean = inner.update(input) else { return nil }
        return outer.update(mean)
    }

    static let entry = IndicatorEntry(
        "TRIMA", "Triangular moving average", .trend, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib TRIMA"
    ) { TRIMA(period: $0.whole(0)) }
}
