// Hammer.swift — Hammer: a small body above a long lower shadow.

/// A short body, a lower shadow longer than it, hardly an upper one, near or below the low before.
/// Says 100 where it stands, 0 elsewhere. Warm-up: 11. A fixed number of operations an update.
public struct Hammer: Indicator {
    private var candles = Candles()

    public init() {}

    public var lookback: Int { 11 }

    public mutating func update(_ bar: Bar) -> Int? {
        candles.push(bar)
        guard candles.count > lookback else { return nil }
        let stands =
            bar.body < candles.usualBody(0) && bar.lowerShadow > bar.body
            && bar.upperShadow < candles.veryShortShadow(0)
            && bar.bodyBottom <= candles[1].low + candles.near(1)
        return stands ? 100 : 0
    }

    static let entry = IndicatorEntry(
        "CDLHAMMER", "Hammer", .pattern, inputs: [.open, .high, .low, .close], lines: ["integer"],
        source: "TA-Lib CDLHAMMER"
    ) { _ in Hammer() }
}
