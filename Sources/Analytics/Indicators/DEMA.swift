// DEMA.swift — double exponential moving average.

/// `2·e − EMA(e)` with `e` the EMA of the input; each is seeded with the mean of its own first
/// `period` inputs (Mulloy 1994). Warm-up: 2 (period − 1). O(1) an update.
public struct DEMA: Indicator {
    public let period: Int
    private var first, second: EMA

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        first = EMA(period: period)
        second = EMA(period: period)
    }

    public var lookback: Int { 2 * (period - 1) }

    public mutating func update(_ input: Double) -> Double? {
        guard let once = first.update(input), let twice = second.update(once) else { return nil }
        return 2 * once - twice
    }

    static let entry = IndicatorEntry(
        "DEMA", "Double exponential moving average", .trend, parameters: [.period(30)],
        inputs: [.close], source: "TA-Lib DEMA"
    ) { DEMA(period: $0.whole(0)) }
}
