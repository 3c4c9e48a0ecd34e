// StochasticRSI.swift — where the RSI lies in its own range.

/// The fast stochastic of the RSI (Chande and Kroll 1994). Warm-up:
/// rsi + period + smoothing − 2. O(1) an update.
public struct StochasticRSI: Indicator {
    public let lookback: Int
    private var rsi: RSI
    private var place: StochasticPlace
    private var mean: MovingAverage

    /// - Precondition: all periods are positive.
    public init(
        rsi: Int = 14, period: Int = 14, smoothing: Int = 3, kind: MovingAverage.Kind = .simple
    ) {
        self.rsi = RSI(period: rsi)
        place = StochasticPlace(period: period)
        mean = MovingAverage(kind, period: smoothing)
        lookback = rsi + period - 1 + mean.lookback
    }

    public mutating func update(_ input: Double) -> StochasticOutput? {
        guard let strength = rsi.update(input),
            let k = place.update(high: strength, low: strength, close: strength),
            let d = mean.update(k)
        else { return nil }
        return StochasticOutput(k: k, d: d)
    }

    static let entry = IndicatorEntry(
        "STOCHRSI", "Stochastic RSI", .momentum,
        parameters: [
            .period(14), .period(5, "fastk_period"), .period(3, "fastd_period"),
            .average("fastd_matype", .simple),
        ], inputs: [.close], lines: ["fastk", "fastd"], source: "TA-Lib STOCHRSI"
    ) {
        StochasticRSI(
            rsi: $0.whole(0), period: $0.whole(1), smoothing: $0.whole(2), kind: $0.average(3))
    }
}
