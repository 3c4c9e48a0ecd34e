// RSI.swift — relative strength index.

/// `100 × gain / (gain + loss)` of Wilder's means of gains and losses (Wilder 1978); 0 where
/// nothing moved, as TA-Lib says. Warm-up: period. O(1) an update.
public struct RSI: Indicator {
    public let period: Int
    private var before: Double?
    private var gain, loss: WilderMean

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        gain = WilderMean(period: period)
        loss = WilderMean(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ input: Double) -> Double? {
        defer { before = input }
        guard let before else { return nil }
        let change = input - before
        let up = gain.update(change > 0 ? change : 0)
        guard let down = loss.update(change < 0 ? -change : 0), let up else { return nil }
        return up + down == 0 ? 0 : 100 * up / (up + down)
    }

    static let entry = IndicatorEntry(
        "RSI", "Relative strength index", .momentum, parameters: [.period(14)], inputs: [.close],
        source: "TA-Lib RSI"
    ) { RSI(period: $0.whole(0)) }
}
