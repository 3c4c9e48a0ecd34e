// Vortex.swift — upward and downward vortex.

/// Σ|high − previous low| and Σ|low − previous high| over Σ true range (Botes and Siepman 2010); 0
/// where nothing moved. Warm-up: period. O(1) an update.
public struct Vortex: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var plus, minus: Double
        public static var lines: Int { 2 }
        public subscript(line line: Int) -> Double { line == 0 ? plus : minus }
    }

    public let period: Int
    private var before: Bar?
    private var plus, minus, range: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        plus = RollingSum(period: period)
        minus = RollingSum(period: period)
        range = RollingSum(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Output? {
        defer { before = bar }
        guard let before else { return nil }
        let up = plus.update(abs(bar.high - before.low))
        let down = minus.update(abs(bar.low - before.high))
        guard let whole = range.update(TrueRange.range(bar, after: before.close)), let up, let down
        else { return nil }
        return whole > 0 ? Output(plus: up / whole, minus: down / whole) : Output(plus: 0, minus: 0)
    }

    static let entry = IndicatorEntry(
        "VORTEX", "Vortex", .trend, parameters: [.period(14)], inputs: [.high, .low, .close],
        lines: ["plus", "minus"], source: "Botes and Siepman 2010"
    ) { Vortex(period: $0.whole(0)) }
}
