// NATR.swift — normalised average true range.

/// ATR in percent of the close; 0 where that is 0. Warm-up: period. O(1) an update.
public struct NATR: Indicator {
    private var atr: ATR

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { atr = ATR(period: period) }

    public var lookback: Int { atr.lookback }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let range = atr.update(bar) else { return nil }
        return bar.close == 0 ? 0 : 100 * range / bar.close
    }

    static let entry = IndicatorEntry(
        "NATR", "Normalised average true range", .volatility, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib NATR"
    ) { NATR(period: $0.whole(0)) }
}
