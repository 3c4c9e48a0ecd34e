// Maximum.swift — the highest of the last inputs.

/// The highest of the last `period` inputs. Warm-up: period − 1. O(1) an update.
public struct Maximum: Indicator {
    public let period: Int
    private var extreme: RollingExtreme

    /// - Precondition: `period` is positive.
    public init(period: Int = 30) {
        self.period = period
        extreme = .highest(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? { extreme.update(input) }

    static let entry = IndicatorEntry(
        "MAX", "Maximum", .statistics, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib MAX"
    ) { Maximum(period: $0.whole(0)) }
}
