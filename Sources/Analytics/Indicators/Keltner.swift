// Keltner.swift — bands of average true ranges around a mean.

/// EMA of the close ± `multiplier` average true ranges (Raschke's form). Warm-up:
/// max(period − 1, range). O(1) an update.
public struct Keltner: Indicator {
    public let lookback: Int
    public let multiplier: Double
    private var mean: EMA
    private var atr: ATR

    /// - Precondition: both periods are positive.
    public init(period: Int = 20, range: Int = 10, multiplier: Double = 2) {
        lookback = max(period - 1, range)
        self.multiplier = multiplier
        mean = EMA(period: period)
        atr = ATR(period: range)
    }

    public mutating func update(_ bar: Bar) -> ChannelOutput? {
        let middle = mean.update(bar.close)
        guard let range = atr.update(bar), let middle else { return nil }
        return ChannelOutput(
            upper: middle + multiplier * range, middle: middle, lower: middle - multiplier * range)
    }

    static let entry = IndicatorEntry(
        "KELTNER", "Keltner channel", .volatility,
        parameters: [.period(20), .period(10, "range"), .number(2, "multiplier", in: 0...100)],
        inputs: [.high, .low, .close], lines: ["upper", "middle", "lower"],
        source: "Keltner 1960, Raschke"
    ) { Keltner(period: $0.whole(0), range: $0.whole(1), multiplier: $0[2]) }
}

/// Two bands and their middle.
public struct ChannelOutput: IndicatorOutput, Equatable {
    public var upper, middle, lower: Double
    public static var lines: Int { 3 }
    public subscript(line line: Int) -> Double {
        line == 0 ? upper : line == 1 ? middle : lower
    }
}
