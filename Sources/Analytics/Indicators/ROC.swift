// ROC.swift — rate of change in percent.

/// `100 × (input / before − 1)` with the input `period` bars ago; 0 where that is 0. Warm-up:
/// period. O(1) an update.
public struct ROC: Indicator {
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
        return before == 0 ? 0 : (input / before - 1) * 100
    }

    static let entry = IndicatorEntry(
        "ROC", "Rate of change", .momentum, parameters: [.period(10)], inputs: [.close],
        source: "TA-Lib ROC"
    ) { ROC(period: $0.whole(0)) }
}
