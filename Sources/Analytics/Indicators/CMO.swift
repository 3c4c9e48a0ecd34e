// CMO.swift — Chande momentum oscillator.

/// `100 × (gain − loss) / (gain + loss)` of Wilder's means of gains and losses, as TA-Lib smooths
/// it (Chande's book sums); 0 where nothing moved. Warm-up: period. O(1) an update.
public struct CMO: Indicator {
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
        return up + down == 0 ? 0 : 100 * (up - down) / (up + down)
    }

    static let entry = IndicatorEntry(
        "CMO", "Chande momentum oscillator", .momentum, parameters: [.period(14)],
        inputs: [.close], source: "TA-Lib CMO"
    ) { CMO(period: $0.whole(0)) }
}
