// Chandelier.swift — a stop that hangs from the extreme.

/// Stops for long and short: highest high − m × ATR, lowest low + m × ATR over `period` bars (Le
/// Beau). Warm-up: period. O(1) an update.
public struct Chandelier: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var long, short: Double
        public static var lines: Int { 2 }
        public subscript(line line: Int) -> Double { line == 0 ? long : short }
    }

    public let period: Int
    public let multiplier: Double
    private var highest, lowest: RollingExtreme
    private var atr: ATR

    /// - Precondition: `period` is positive.
    public init(period: Int = 22, multiplier: Double = 3) {
        self.period = period
        self.multiplier = multiplier
        highest = .highest(period)
        lowest = .lowest(period)
        atr = ATR(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Output? {
        let top = highest.update(bar.high)
        let bottom = lowest.update(bar.low)
        guard let range = atr.update(bar), let top, let bottom else { return nil }
        return Output(long: top - multiplier * range, short: bottom + multiplier * range)
    }

    static let entry = IndicatorEntry(
        "CHANDELIER", "Chandelier exit", .volatility,
        parameters: [.period(22), .number(3, "multiplier", in: 0...100)],
        inputs: [.high, .low, .close], lines: ["long", "short"], source: "Le Beau"
    ) { Chandelier(period: $0.whole(0), multiplier: $0[1]) }
}
