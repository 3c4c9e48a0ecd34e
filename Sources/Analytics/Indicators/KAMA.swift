// KAMA.swift — Kaufman's adaptive moving average.

/// An EMA whose weight follows the efficiency of the move, `|x − x₋ₙ| / Σ|Δx|`, between those of an
/// EMA of 2 and of 30 (Kaufman 1995). Seeded with the input before the first output. Warm-up:
/// period. O(1) an update.
public struct KAMA: Indicator {
    private static let fastest = 2.0 / 3
    private static let slowest = 2.0 / 31

    public let period: Int
    private var inputs: Window
    private var path: RollingSum
    private var value = 0.0

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        inputs = Window(period + 1)
        path = RollingSum(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ input: Double) -> Double? {
        let before = inputs.count > 0 ? inputs[ago: 0] : nil
        inputs.push(input)
        guard let before, let walked = path.update(abs(input - before)) else { return nil }
        if value == 0, inputs.isFull { value = before }
        let moved = input - inputs.oldest
        let efficiency = walked <= moved || walked == 0 ? 1 : abs(moved / walked)
        let root = efficiency * (Self.fastest - Self.slowest) + Self.slowest
        value += root * root * (input - value)
        return value
    }

    static let entry = IndicatorEntry(
        "KAMA", "Kaufman's adaptive moving average", .trend, parameters: [.period(30)],
        inputs: [.close], source: "TA-Lib KAMA"
    ) { KAMA(period: $0.whole(0)) }
}
