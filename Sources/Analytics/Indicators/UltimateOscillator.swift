// UltimateOscillator.swift — buying pressure over three periods.

/// `100 × (4·a + 2·b + c) / 7`, each the sum of close − true low over the sum of true ranges, over
/// the shortest, middle and longest period (Williams 1985); a period in which nothing moved adds
/// nothing. Warm-up: the longest period. O(1) an update.
public struct UltimateOscillator: Indicator {
    public let lookback: Int
    private var close: Double?
    private var pressure: (RollingSum, RollingSum, RollingSum)
    private var range: (RollingSum, RollingSum, RollingSum)

    /// - Precondition: all periods are positive.
    public init(_ first: Int = 7, _ second: Int = 14, _ third: Int = 28) {
        let periods = [first, second, third].sorted()
        lookback = periods[2]
        let sums = periods.map { RollingSum(period: $0) }
        pressure = (sums[0], sums[1], sums[2])
        range = (sums[0], sums[1], sums[2])
    }

    public mutating func update(_ bar: Bar) -> Double? {
        defer { close = bar.close }
        guard let close else { return nil }
        let pushed = bar.close - min(bar.low, close)
        let moved = TrueRange.range(bar, after: close)
        let short = Self.share(&pressure.0, pushed, &range.0, moved)
        let middle = Self.share(&pressure.1, pushed, &range.1, moved)
        guard let long = Self.share(&pressure.2, pushed, &range.2, moved), let short, let middle
        else { return nil }
        return 100 * (4 * short + 2 * middle + long) / 7
    }

    private static func share(
        _ pressure: inout RollingSum, _ pushed: Double, _ range: inout RollingSum, _ moved: Double
    ) -> Double? {
        let part = pressure.update(pushed)
        guard let whole = range.update(moved), let part else { return nil }
        return whole == 0 ? 0 : part / whole
    }

    static let entry = IndicatorEntry(
        "ULTOSC", "Ultimate oscillator", .momentum,
        parameters: [
            .period(7, "timeperiod1"), .period(14, "timeperiod2"), .period(28, "timeperiod3"),
        ],
        inputs: [.high, .low, .close], source: "TA-Lib ULTOSC"
    ) { UltimateOscillator($0.whole(0), $0.whole(1), $0.whole(2)) }
}
