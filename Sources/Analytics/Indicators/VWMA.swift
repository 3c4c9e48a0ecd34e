// VWMA.swift — volume-weighted moving average.

/// Closes of the last `period` bars, weighted by their volume; the plain mean where nothing was
/// traded. Warm-up: period − 1. O(1) an update.
public struct VWMA: Indicator {
    public let period: Int
    private var money, volume: RollingSum
    private var mean: SMA

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        money = RollingSum(period: period)
        volume = RollingSum(period: period)
        mean = SMA(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        let plain = mean.update(bar.close)
        let paid = money.update(bar.close * bar.volume)
        guard let traded = volume.update(bar.volume), let paid, let plain else { return nil }
        return traded > 0 ? paid / traded : plain
    }

    static let entry = IndicatorEntry(
        "VWMA", "Volume-weighted moving average", .trend, parameters: [.period(20)],
        inputs: [.close, .volume], source: "Σ close·volume / Σ volume"
    ) { VWMA(period: $0.whole(0)) }
}
