// MFI.swift — money flow index.

/// Money (typical price × volume) of rising bars in percent of all that moved over `period` bars; a
/// bar that did not move counts for neither side; 0 where less than 1 changed hands, as TA-Lib
/// says. Warm-up: period. O(1) an update.
public struct MFI: Indicator {
    public let period: Int
    private var before: Double?
    private var rising, falling: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        rising = RollingSum(period: period)
        falling = RollingSum(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Double? {
        let typical = bar.typical
        defer { before = typical }
        guard let before else { return nil }
        let money = typical * bar.volume
        let up = rising.update(typical > before ? money : 0)
        guard let down = falling.update(typical < before ? money : 0), let up else { return nil }
        return up + down < 1 ? 0 : 100 * up / (up + down)
    }

    static let entry = IndicatorEntry(
        "MFI", "Money flow index", .volume, parameters: [.period(14)],
        inputs: [.high, .low, .close, .volume], source: "TA-Lib MFI"
    ) { MFI(period: $0.whole(0)) }
}
