// CMF.swift — Chaikin money flow.

/// Accumulation over volume of the last `period` bars, −1 to 1; 0 where nothing was traded
/// (Chaikin). Warm-up: period − 1. O(1) an update.
public struct CMF: Indicator {
    public let period: Int
    private var flow, volume: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int = 20) {
        self.period = period
        flow = RollingSum(period: period)
        volume = RollingSum(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        let net = flow.update(AD.flow(bar))
        guard let traded = volume.update(bar.volume), let net else { return nil }
        return traded > 0 ? net / traded : 0
    }

    static let entry = IndicatorEntry(
        "CMF", "Chaikin money flow", .volume, parameters: [.period(20)],
        inputs: [.high, .low, .close, .volume], source: "Chaikin"
    ) { CMF(period: $0.whole(0)) }
}
