// HTTrendline.swift — the trend without the dominant cycle.

/// Mean over one dominant cycle, smoothed over four, by Ehlers' Hilbert transform. Warm-up: 63. At
/// most 50 additions an update.
public struct HTTrendline: Indicator {
    private var hilbert = HilbertPhase()
    private var count = 0

    public init() {}

    public var lookback: Int { 63 }

    public mutating func update(_ input: Double) -> Double? {
        _ = hilbert.update(input)
        count += 1
        return count > lookback ? hilbert.trend : nil
    }

    static let entry = IndicatorEntry(
        "HT_TRENDLINE", "Hilbert transform, instantaneous trend line", .trend, inputs: [.close],
        source: "TA-Lib HT_TRENDLINE"
    ) { _ in HTTrendline() }
}
