// ROCP.swift — rate of change as a fraction.

/// `(input − before) / before` with the input `period` bars ago; 0 where that is 0. Warm-up:
/// period. O(1) an update.
public struct ROCP: Indicator {
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
        return before == 0 ? 0 : (input - before) / before
    }

    static let entry = IndicatorEntry(
        "ROCP", "Rate of change as a fraction", .momentum, parameters: [.period(10)],
        inputs: [.close], source: "TA-Lib ROCP"
    ) { ROCP(period: $0.whole(0)) }
}
