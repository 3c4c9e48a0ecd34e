// SuperTrend.swift — a trailing band of average true ranges.

/// The band `median ± multiplier × ATR` that trails the close: it only moves with the trend, and
/// the close beyond it turns the trend (Seban). Lines: the band, and the trend, 1 up, −1 down.
/// Warm-up: period. O(1) an update.
public struct SuperTrend: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var band, trend: Double
        public static var lines: Int { 2 }
        public subscript(line line: Int) -> Double { line == 0 ? band : trend }
    }

    public let period: Int
    public let multiplier: Double
    private var atr: ATR
    private var upper = Double.infinity
    private var lower = -Double.infinity
    private var isUp = true
    private var close = 0.0

    /// - Precondition: `period` is positive.
    public init(period: Int = 10, multiplier: Double = 3) {
        self.period = period
        self.multiplier = multiplier
        atr = ATR(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Output? {
        defer { close = bar.close }
        guard let range = atr.update(bar) else { return nil }
        let high = bar.median + multiplier * range
        let low = bar.median - multiplier * range
        if high < upper || close > upper { upper = high }
        if low > lower || close < lower { lower = low }
        if isUp ? bar.close < lower : bar.close > upper { isUp.toggle() }
        return Output(band: isUp ? lower : upper, trend: isUp ? 1 : -1)
    }

    static let entry = IndicatorEntry(
        "SUPERTREND", "SuperTrend", .trend,
        parameters: [.period(10), .number(3, "multiplier", in: 0...100)],
        inputs: [.high, .low, .close], lines: ["band", "trend"], source: "Seban"
    ) { SuperTrend(period: $0.whole(0), multiplier: $0[1]) }
}
