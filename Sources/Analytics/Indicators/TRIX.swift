// TRIX.swift — rate of change of a triple EMA.

/// Change in percent of the EMA of the EMA of the EMA (Hutson 1983). Warm-up: 3 (period − 1) + 1.
/// O(1) an update.
public struct TRIX: Indicator {
    public let period: Int
    private var first, second, third: EMA
    private var change = ROC(period: 1)

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        first = EMA(period: period)
        second = EMA(period: period)
        third = EMA(period: period)
    }

    public var lookback: Int { 3 * (period - 1) + 1 }

    public mutating func update(_ input: Double) -> Double? {
        guard let once = first.update(input), let twice = second.update(once),
            let thrice = third.update(twice)
        else { return nil }
        return change.update(thrice)
    }

    static let entry = IndicatorEntry(
        "TRIX", "Rate of change of a triple EMA", .trend, parameters: [.period(30)],
        inputs: [.close], source: "TA-Lib TRIX"
    ) { TRIX(period: $0.whole(0)) }
}
