// TEMA.swift — triple exponential moving average.

/// `3·e1 − 3·e2 + e3`, each the EMA of the one before (Mulloy 1994). Warm-up: 3 (period − 1). O(1)
/// an update.
public struct TEMA: Indicator {
    public let period: Int
    private var first, second, third: EMA

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        first = EMA(period: period)
        second = EMA(period: period)
        third = EMA(period: period)
    }

    public var lookback: Int { 3 * (period - 1) }

    public mutating func update(_ input: Double) -> Double? {
        guard let once = first.update(input), let twice = second.update(once),
            let thrice = third.update(twice)
        else { return nil }
        return 3 * once - 3 * twice + thrice
    }

    static let entry = IndicatorEntry(
        "TEMA", "Triple exponential moving average", .trend, parameters: [.period(30)],
        inputs: [.close], source: "TA-Lib TEMA"
    ) { TEMA(period: $0.whole(0)) }
}
