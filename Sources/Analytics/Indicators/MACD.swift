// MACD.swift — moving average convergence and divergence.

/// Fast EMA less slow EMA, its EMA as signal, and the difference (Appel 1979). As TA-Lib does, both
/// EMAs begin at the same input, `slow − 1`: the fast one is seeded with the mean of the `fast`
/// inputs up to there. Warm-up: slow + signal − 2. O(1) an update.
public struct MACD: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var macd, signal, histogram: Double
        public static var lines: Int { 3 }
        public subscript(line line: Int) -> Double {
            line == 0 ? macd : line == 1 ? signal : histogram
        }
    }

    private let skipped: Int
    public let lookback: Int
    private var fast, slow, signal: EMA
    private var count = 0

    /// The two averages change places when `fast` is the longer.
    /// - Precondition: all periods are positive.
    public init(fast: Int = 12, slow: Int = 26, signal: Int = 9) {
        let (shorter, longer) = (min(fast, slow), max(fast, slow))
        skipped = longer - shorter
        lookback = longer + signal - 2
        self.fast = EMA(period: shorter)
        self.slow = EMA(period: longer)
        self.signal = EMA(period: signal)
    }

    public mutating func update(_ input: Double) -> Output? {
        let quick = count < skipped ? nil : fast.update(input)
        if count < skipped { count += 1 }
        guard let calm = slow.update(input), let quick else { return nil }
        let macd = quick - calm
        guard let smooth = signal.update(macd) else { return nil }
        return Output(macd: macd, signal: smooth, histogram: macd - smooth)
    }

    static let entry = IndicatorEntry(
        "MACD", "Moving average convergence and divergence", .trend,
        parameters: [
            .period(12, "fastperiod"), .period(26, "slowperiod"), .period(9, "signalperiod"),
        ],
        inputs: [.close], lines: ["macd", "macdsignal", "macdhist"], source: "TA-Lib MACD"
    ) { MACD(fast: $0.whole(0), slow: $0.whole(1), signal: $0.whole(2)) }
}
