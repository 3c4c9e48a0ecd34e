// MorningStar.swift — a long fall, a pause, a rise.

/// A long black body, a short one that gaps below it, and a white one that is not short and closes
/// at least `penetration` into the first. Says 100 where it stands, 0 elsewhere. Warm-up: 12. A
/// fixed number of operations an update.
public struct MorningStar: Indicator {
    public let penetration: Double
    private var candles = Candles()

    /// - Precondition: `penetration` is not negative.
    public init(penetration: Double = 0.3) {
        precondition(penetration >= 0, "penetration must not be negative")
        self.penetration = penetration
    }

    public var lookback: Int { 12 }

    public mutating func update(_ bar: Bar) -> Int? {
        candles.push(bar)
        guard candles.count > lookback else { return nil }
        let (first, star) = (candles[2], candles[1])
        let stands =
            !first.isWhite && first.body > candles.usualBody(2)
            && star.body <= candles.usualBody(1) && star.bodyTop < first.bodyBottom
            && bar.isWhite && bar.body > candles.usualBody(0)
            && bar.close > first.close + first.body * penetration
        return stands ? 100 : 0
    }

    static let entry = IndicatorEntry(
        "CDLMORNINGSTAR", "Morning star", .pattern,
        parameters: [.number(0.3, "penetration", in: 0...1)],
        inputs: [.open, .high, .low, .close], lines: ["integer"], source: "TA-Lib CDLMORNINGSTAR"
    ) { MorningStar(penetration: $0[0]) }
}
