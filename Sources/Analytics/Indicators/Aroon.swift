// Aroon.swift — how long ago the extremes were.

/// `100 × (period − bars since the extreme) / period` over the last period + 1 bars; of equal
/// extremes the latest counts (Chande 1995). Warm-up: period. O(1) an update.
public struct Aroon: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var down, up: Double
        public static var lines: Int { 2 }
        public subscript(line line: Int) -> Double { line == 0 ? down : up }
    }

    public let period: Int
    private var highest, lowest: RollingExtreme

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        precondition(period > 0, "period must be positive")
        self.period = period
        highest = .highest(period + 1)
        lowest = .lowest(period + 1)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Output? {
        highest.update(bar.high)
        lowest.update(bar.low)
        guard highest.isFull else { return nil }
        return Output(down: share(lowest.age), up: share(highest.age))
    }

    private func share(_ age: Int) -> Double { 100 * Double(period - age) / Double(period) }

    static let entry = IndicatorEntry(
        "AROON", "Aroon", .trend, parameters: [.period(14)], inputs: [.high, .low],
        lines: ["aroondown", "aroonup"], source: "TA-Lib AROON"
    ) { Aroon(period: $0.whole(0)) }
}
