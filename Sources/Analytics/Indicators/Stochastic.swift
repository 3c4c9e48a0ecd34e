// Stochastic.swift — the slow stochastic.

/// The fast %K smoothed, and that smoothed again, by simple means unless told otherwise (Lane).
/// Warm-up: period + slowing + smoothing − 3. O(1) an update.
public struct Stochastic: Indicator {
    public let lookback: Int
    private var place: StochasticPlace
    private var slow, mean: MovingAverage

    /// - Precondition: all periods are positive.
    public init(
        period: Int = 14, slowing: Int = 3, slowingKind: MovingAverage.Kind = .simple,
        smoothing: Int = 3, smoothingKind: MovingAverage.Kind = .simple
    ) {
        place = StochasticPlace(period: period)
        slow = MovingAverage(slowingKind, period: slowing)
        mean = MovingAverage(smoothingKind, period: smoothing)
        lookback = period - 1 + slow.lookback + mean.lookback
    }

    public mutating func update(_ bar: Bar) -> StochasticOutput? {
        guard let raw = place.update(high: bar.high, low: bar.low, close: bar.close),
            let k = slow.update(raw), let d = mean.update(k)
        else { return nil }
        return StochasticOutput(k: k, d: d)
    }

    static let entry = IndicatorEntry(
        "STOCH", "Stochastic", .momentum,
        parameters: [
            .period(5, "fastk_period"), .period(3, "slowk_period"),
            .average("slowk_matype", .simple), .period(3, "slowd_period"),
            .average("slowd_matype", .simple),
        ], inputs: [.high, .low, .close], lines: ["slowk", "slowd"], source: "TA-Lib STOCH"
    ) {
        Stochastic(
            period: $0.whole(0), slowing: $0.whole(1), slowingKind: $0.average(2),
            smoothing: $0.whole(3), smoothingKind: $0.average(4))
    }
}
