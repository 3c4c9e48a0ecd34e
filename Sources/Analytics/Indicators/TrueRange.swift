// TrueRange.swift — the range of a bar with the gap before it.

/// Largest of high − low, |high − previous close| and |low − previous close| (Wilder 1978).
/// Warm-up: 1. O(1) an update.
public struct TrueRange: Indicator {
    private var close: Double?

    public init() {}

    public var lookback: Int { 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        defer { close = bar.close }
        guard let close else { return nil }
        return Self.range(bar, after: close)
    }

    static func range(_ bar: Bar, after close: Double) -> Double {
        max(bar.high - bar.low, abs(close - bar.high), abs(close - bar.low))
    }

    static let entry = IndicatorEntry(
        "TRANGE", "True range", .volatility, inputs: [.high, .low, .close],
        source: "TA-Lib TRANGE"
    ) { _ in TrueRange() }
}
