// VWAP.swift — volume-weighted average price since an anchor.

/// Typical price weighted by volume since the anchor: the first bar, or the one after `anchor()`,
/// which a caller sets at the start of each session. The last typical price while nothing was
/// traded. No warm-up. O(1) an update.
public struct VWAP: Indicator {
    private var money = 0.0
    private var volume = 0.0

    public init() {}

    public var lookback: Int { 0 }

    /// Begins anew with the next bar.
    public mutating func anchor() {
        money = 0
        volume = 0
    }

    public mutating func update(_ bar: Bar) -> Double? {
        money += bar.typical * bar.volume
        volume += bar.volume
        return volume > 0 ? money / volume : bar.typical
    }

    static let entry = IndicatorEntry(
        "VWAP", "Volume-weighted average price", .trend, inputs: [.high, .low, .close, .volume],
        source: "Σ typical·volume / Σ volume since the anchor"
    ) { _ in VWAP() }
}
