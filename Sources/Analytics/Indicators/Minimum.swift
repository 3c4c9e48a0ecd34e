// Minimum.swift — the lowest of the last inputs.

/// The lowest of the last `period` inputs. Warm-up: period − 1. O(1) an update.
public struct Minimum: Indicator {
    public let period: Int
    private var extreme: RollingExtreme

    /// - Precondition: `period` is positive.
    public init(period: Int = 30) {
        self.period = period
        extreme = .lowest(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? { extreme.update(input) }

    static let entry = IndicatorEntry(
        "MIN", "Minimum", .statistics, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib MIN"
    ) { Minimum(period: $0.whole(0)) }
}
