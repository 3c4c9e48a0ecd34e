// Beta.swift — how much one series moves with another.

/// Slope of the second series' returns on those of the first over `period` returns; 0 where the
/// first did not move. Warm-up: period. O(1) an update.
public struct Beta: Indicator {
    public let period: Int
    private var before: Pair?
    private var returns: RollingPairs

    /// - Precondition: `period` is positive.
    public init(period: Int = 5) {
        self.period = period
        returns = RollingPairs(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ input: Pair) -> Double? {
        defer { before = input }
        guard let before else { return nil }
        returns.update(
            before.first == 0 ? 0 : (input.first - before.first) / before.first,
            before.second == 0 ? 0 : (input.second - before.second) / before.second)
        guard returns.isFull else { return nil }
        return returns.firstSquares < 1e-28 ? 0 : returns.products / returns.firstSquares
    }

    static let entry = IndicatorEntry(
        "BETA", "Beta", .statistics, parameters: [.period(5)], inputs: [.high, .low],
        source: "TA-Lib BETA"
    ) { Beta(period: $0.whole(0)) }
}
