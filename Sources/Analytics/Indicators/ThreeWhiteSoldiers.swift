// ThreeWhiteSoldiers.swift — Three white soldiers: three steady rising bars.

/// Three white bars with hardly an upper shadow, each opening within or near the body before and
/// closing higher, none much shorter than the one before, the last not short. Says 100 where it
/// stands, 0 elsewhere. Warm-up: 12. A fixed number of operations an update.
public struct ThreeWhiteSoldiers: Indicator {
    private var candles = Candles()

    public init() {}

    public var lookback: Int { 12 }

    public mutating func update(_ bar: Bar) -> Int? {
        candles.push(bar)
        guard candles.count > lookback else { return nil }
        let (first, second) = (candles[2], candles[1])
        let stands =
            isSoldier(2) && isSoldier(1) && isSoldier(0) && bar.close > second.close
            && second.close > first.close && follows(1) && follows(0)
            && bar.body > candles.usualBody(0)
        return stands ? 100 : 0
    }

    private func isSoldier(_ ago: Int) -> Bool {
        candles[ago].isWhite && candles[ago].upperShadow < candles.veryShortShadow(ago)
    }

    private func follows(_ ago: Int) -> Bool {
        let (bar, before) = (candles[ago], candles[ago + 1])
        return bar.open > before.open && bar.open <= before.close + candles.near(ago + 1)
            && bar.body > before.body - candles.far(ago + 1)
    }

    static let entry = IndicatorEntry(
        "CDL3WHITESOLDIERS", "Three white soldiers", .pattern,
        inputs: [.open, .high, .low, .close], lines: ["integer"], source: "TA-Lib CDL3WHITESOLDIERS"
    ) { _ in ThreeWhiteSoldiers() }
}
