// BollingerBands.swift — bands of standard deviations around a mean.

/// A moving average, a simple one unless told otherwise, and bands population standard deviations
/// (around the simple mean, as TA-Lib takes them) away from it; with %B (where the input lies, 0 at
/// the lower band, 1 at the upper; one half where they meet) and the bandwidth in parts of the
/// average (Bollinger 1980s). Warm-up: that of the average. O(1) an update.
public struct BollingerBands: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var upper, middle, lower, percentB, bandwidth: Double
        public static var lines: Int { 5 }
        public subscript(line line: Int) -> Double {
            switch line {
            case 0: upper
            case 1: middle
            case 2: lower
            case 3: percentB
            default: bandwidth
            }
        }
    }

    public let lookback: Int
    private let above, below: Double
    private var moments: RollingMoments
    private var average: MovingAverage?  // The mean is in the moments already.

    /// `above` and `below`: distances of the bands in standard deviations.
    /// - Precondition: `period` is positive.
    public init(
        period: Int = 20, above: Double = 2, below: Double = 2, kind: MovingAverage.Kind = .simple
    ) {
        self.above = above
        self.below = below
        moments = RollingMoments(period: period)
        average = kind == .simple ? nil : MovingAverage(kind, period: period)
        lookback = average?.lookback ?? period - 1
    }

    public mutating func update(_ input: Double) -> Output? {
        moments.update(input)
        let other = average?.update(input)
        guard moments.isFull, average == nil || other != nil else { return nil }
        let middle = other ?? moments.mean
        let deviation = moments.variance().squareRoot()
        let upper = middle + above * deviation
        let lower = middle - below * deviation
        return Output(
            upper: upper, middle: middle, lower: lower,
            percentB: upper == lower ? 0.5 : (input - lower) / (upper - lower),
            bandwidth: middle == 0 ? 0 : (upper - lower) / middle)
    }

    static let entry = IndicatorEntry(
        "BBANDS", "Bollinger bands", .volatility,
        parameters: [
            .period(5), .number(2, "nbdevup", in: -1e6...1e6),
            .number(2, "nbdevdn", in: -1e6...1e6), .average("matype", .simple),
        ], inputs: [.close],
        lines: ["upperband", "middleband", "lowerband", "percent_b", "bandwidth"],
        source: "TA-Lib BBANDS"
    ) {
        BollingerBands(period: $0.whole(0), above: $0[1], below: $0[2], kind: $0.average(3))
    }
}
