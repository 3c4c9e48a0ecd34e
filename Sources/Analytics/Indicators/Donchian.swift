// Donchian.swift — the range of the last bars.

/// Highest high, lowest low and their middle over `period` bars, the current one included. Warm-up:
/// period − 1. O(1) an update.
public struct Donchian: Indicator {
    public let period: Int
    private var highest, lowest: RollingExtreme

    /// - Precondition: `period` is positive.
    public init(period: Int = 20) {
        self.period = period
        highest = .highest(period)
        lowest = .lowest(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> ChannelOutput? {
        let top = highest.update(bar.high)
        guard let bottom = lowest.update(bar.low), let top else { return nil }
        return ChannelOutput(upper: top, middle: (top + bottom) / 2, lower: bottom)
    }

    static let entry = IndicatorEntry(
        "DONCHIAN", "Donchian channel", .volatility, parameters: [.period(20)],
        inputs: [.high, .low], lines: ["upper", "middle", "lower"], source: "Donchian"
    ) { Donchian(period: $0.whole(0)) }
}
