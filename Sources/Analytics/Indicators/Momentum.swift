// Momentum.swift — the change over some bars.

/// Input less the input `period` bars ago. Warm-up: period. O(1) an update.
public struct Momentum: Indicator {
    public let period: Int
    private var window: Window

    /// - Precondition: `period` is positive.
    public init(period: Int = 10) {
        self.period = period
        window = Window(period)
    }

    public var lookback: Int { period }

    public mutating func update(_ input: Double) -> Double? {
        guard let before = window.push(input) else { return nil }
        return input - before
    }

    static let entry = IndicatorEntry(
        "MOM", "Momentum", .momentum, parameters: [.period(10)], inputs: [.close],
        source: "TA-Lib MOM"
    ) { Momentum(period: $0.whole(0)) }
}
