// AD.swift — accumulation and distribution.

/// Sum of `((close − low) − (high − close)) / (high − low) × volume`; a flat bar adds nothing
/// (Chaikin). No warm-up. O(1) an update.
public struct AD: Indicator {
    private var value = 0.0

    public init() {}

    public var lookback: Int { 0 }

    public mutating func update(_ bar: Bar) -> Double? {
        value += Self.flow(bar)
        return value
    }

    static func flow(_ bar: Bar) -> Double {
        bar.range > 0
            ? ((bar.close - bar.low) - (bar.high - bar.close)) / bar.range * bar.volume : 0
    }

    static let entry = IndicatorEntry(
        "AD", "Accumulation and distribution", .volume, inputs: [.high, .low, .close, .volume],
        source: "TA-Lib AD"
    ) { _ in AD() }
}
