// MovingAverage.swift — a moving average of a kind that is chosen when it is made.

/// One of the moving averages, by TA-Lib's number for it. A period of one repeats the input,
/// whatever the kind. Warm-up: that of the kind. O(1) an update.
public struct MovingAverage: Indicator {
    public enum Kind: Int, Sendable, CaseIterable {
        case simple = 0
        case exponential = 1
        case weighted = 2
        case doubleExponential = 3
        case tripleExponential = 4
        case triangular = 5
        case adaptive = 6
        case tillson = 8
    }

    private var average: any Indicator<Double, Double>

    /// - Precondition: `period` is positive.
    public init(_ kind: Kind, period: Int) {
        average =
            switch period == 1 ? .simple : kind {
            case .simple: SMA(period: period)
            case .exponential: EMA(period: period)
            case .weighted: WMA(period: period)
            case .doubleExponential: DEMA(period: period)
            case .tripleExponential: TEMA(period: period)
            case .triangular: TRIMA(period: period)
            case .adaptive: KAMA(period: period)
            case .tillson: T3(period: period)
            }
    }

    public var lookback: Int { average.lookback }

    public mutating func update(_ input: Double) -> Double? { average.update(input) }

    static let entry = IndicatorEntry(
        "MA", "Moving average of a kind", .trend,
        parameters: [.period(30), .average("matype", .simple)], inputs: [.close],
        source: "TA-Lib MA"
    ) { MovingAverage($0.average(1), period: $0.whole(0)) }
}
