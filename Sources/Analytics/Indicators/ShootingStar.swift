// ShootingStar.swift — Shooting star: a small body under a long upper shadow.

/// A short body that gaps up, an upper shadow longer than it, hardly a lower one. Says −100 where
/// it stands, 0 elsewhere. Warm-up: 11. A fixed number of operations an update.
public struct ShootingStar: Indicator {
    private var candles = Candles()

    public init() {}

    public var lookback: Int { 11 }

    public mutating func update(_ bar: Bar) -> Int? {
        candles.push(bar)
        guard candles.count > lookback else { return nil }
        let stands =
            bar.body < candles.usualBody(0) && bar.upperShadow > bar.body
            && bar.lowerShadow < candles.veryShortShadow(0)
            && bar.bodyBottom > candles[1].bodyTop
        return stands ? -100 : 0
    }

    static let entry = IndicatorEntry(
        "CDLSHOOTINGSTAR", "Shooting star", .pattern, inputs: [.open, .high, .low, .close],
        lines: ["integer"], source: "TA-Lib CDLSHOOTINGSTAR"
    ) { _ in ShootingStar() }
}
