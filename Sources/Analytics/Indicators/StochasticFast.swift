// StochasticFast.swift — where the close lies in the range of the last bars.

/// `%K = 100 × (close − lowest) / (highest − lowest)` over `period` bars, 0 in a flat range; `%D`
/// its moving average, a simple one unless told otherwise (Lane). Warm-up: period + smoothing − 2.
/// O(1) an update.
public struct StochasticFast: Indicator {
    public let lookback: Int
    private var place: StochasticPlace
    private var mean: MovingAverage

    /// - Precondition: both periods are positive.
    public init(
        period: Int = 14, smoothing: Int = 3, kind: MovingAverage.Kind = .simple
    ) {
        place = StochasticPlace(period: period)
        mean = MovingAverage(kind, period: smoothing)
        lookback = period - 1 + mean.lookback
    }

    public mutating func update(_ bar: Bar) -> StochasticOutput? {
        guard let k = place.update(high: bar.high, low: bar.low, close: bar.close),
            let d = mean.update(k)
        else { return nil }
        return StochasticOutput(k: k, d: d)
    }

    static let entry = IndicatorEntry(
        "STOCHF", "Fast stochastic", .momentum,
        parameters: [
            .period(5, "fastk_period"), .period(3, "fastd_period"),
            .average("fastd_matype", .simple),
        ], inputs: [.high, .low, .close], lines: ["fastk", "fastd"], source: "TA-Lib STOCHF"
    ) { StochasticFast(period: $0.whole(0), smoothing: $0.whole(1), kind: $0.average(2)) }
}

public struct StochasticOutput: IndicatorOutput, Equatable {
    public var k, d: Double
    public static var lines: Int { 2 }
    public subscript(line line: Int) -> Double { line == 0 ? k : d }
}

/// The place of a close in the range of the last bars, in percent.
struct StochasticPlace: Sendable {
    private var highest, lowest: RollingExtreme

    init(period: Int) {
        highest = .highest(period)
        lowest = .lowest(period)
    }

    mutating func update(high: Double, low: Double, close: Double) -> Double? {
        let top = highest.update(high)
        guard let bottom = lowest.update(low), let top else { return nil }
        return top == bottom ? 0 : 100 * (close - bottom) / (top - bottom)
    }
}
