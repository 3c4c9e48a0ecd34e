// VolatilityPercentile.swift — how high the volatility is among its own last values.

/// Share, 0 to 1, of the last `span` realised volatilities that are not above the current one,
/// which is among them. Warm-up: period + span − 1. O(span) an update.
public struct VolatilityPercentile: Indicator {
    public let lookback: Int
    private var volatility: RealisedVolatility
    private var window: Window

    /// - Precondition: `period` is at least 2, `span` positive.
    public init(period: Int = 20, span: Int = 252) {
        lookback = period + span - 1
        volatility = RealisedVolatility(period: period, perYear: 1)
        window = Window(span)
    }

    public mutating func update(_ input: Double) -> Double? {
        guard let value = volatility.update(input) else { return nil }
        window.push(value)
        guard window.isFull else { return nil }
        var below = 0
        window.forEach { if $0 <= value { below += 1 } }
        return Double(below) / Double(window.capacity)
    }

    static let entry = IndicatorEntry(
        "VOLATILITY_PERCENTILE", "Volatility percentile", .volatility,
        parameters: [.period(20, from: 2), .period(252, "span")], inputs: [.close],
        source: "share of the last volatilities not above this one"
    ) { VolatilityPercentile(period: $0.whole(0), span: $0.whole(1)) }
}
