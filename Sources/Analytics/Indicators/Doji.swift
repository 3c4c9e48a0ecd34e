// Doji.swift — Doji: a bar that closes where it opened.

/// A body no longer than a tenth of the usual range. Says 100 where it stands, 0 elsewhere.
/// Warm-up: 10. A fixed number of operations an update.
public struct Doji: Indicator {
    private var candles = Candles()

    public init() {}

    public var lookback: Int { 10 }

    public mutating func update(_ bar: Bar) -> Int? {
        candles.push(bar)
        guard candles.count > lookback else { return nil }
        return bar.body <= candles.dojiBody(0) ? 100 : 0
    }

    static let entry = IndicatorEntry(
        "CDLDOJI", "Doji", .pattern, inputs: [.open, .high, .low, .close], lines: ["integer"],
        source: "TA-Lib CDLDOJI"
    ) { _ in Doji() }
}
