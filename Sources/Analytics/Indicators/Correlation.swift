// Correlation.swift — how well two series go together.

/// Pearson's correlation of the last `period` pairs; 0 where one of them did not move. Warm-up:
/// period − 1. O(1) an update.
public struct Correlation: Indicator {
    public let period: Int
    private var pairs: RollingPairs

    /// - Precondition: `period` is positive.
    public init(period: Int = 30) {
        self.period = period
        pairs = RollingPairs(period: period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Pair) -> Double? {
        pairs.update(input.first, input.second)
        guard pairs.isFull else { return nil }
        let squares = pairs.firstSquares * pairs.secondSquares
        return squares < 1e-14 ? 0 : min(max(pairs.products / squares.squareRoot(), -1), 1)
    }

    static let entry = IndicatorEntry(
        "CORREL", "Correlation", .statistics, parameters: [.period(30)],
        inputs: [.high, .low], source: "TA-Lib CORREL"
    ) { Correlation(period: $0.whole(0)) }
}
