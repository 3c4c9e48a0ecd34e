// Engulfing.swift — Engulfing: a body that covers the opposite one before.

/// A white body over a black one or a black one over a white one: ±100, ±80 where they share an
/// end. Says ±100 where it stands, 0 elsewhere. Warm-up: 2. A fixed number of operations an update.
public struct Engulfing: Indicator {
    private var candles = Candles()

    public init() {}

    public var lookback: Int { 2 }

    public mutating func update(_ bar: Bar) -> Int? {
        candles.push(bar)
        guard candles.count > lookback else { return nil }
        let before = candles[1]
        guard bar.isWhite != before.isWhite else { return 0 }
        let covers =
            bar.bodyTop >= before.bodyTop && bar.bodyBottom < before.bodyBottom
            || bar.bodyTop > before.bodyTop && bar.bodyBottom <= before.bodyBottom
        guard covers else { return 0 }
        let sharesEnd = bar.bodyTop == before.bodyTop || bar.bodyBottom == before.bodyBottom
        return (bar.isWhite ? 1 : -1) * (sharesEnd ? 80 : 100)
    }

    static let entry = IndicatorEntry(
        "CDLENGULFING", "Engulfing", .pattern, inputs: [.open, .high, .low, .close],
        lines: ["integer"], source: "TA-Lib CDLENGULFING"
    ) { _ in Engulfing() }
}
