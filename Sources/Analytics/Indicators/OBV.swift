// OBV.swift — on-balance volume.

/// Volume added in rising bars and taken in falling ones, begun with the first bar's volume, as
/// TA-Lib does (Granville 1963). No warm-up. O(1) an update.
public struct OBV: Indicator {
    private var close: Double?
    private var value = 0.0

    public init() {}

    public var lookback: Int { 0 }

    public mutating func update(_ bar: Bar) -> Double? {
        defer { close = bar.close }
        guard let close else {
            value = bar.volume
            return value
        }
        if bar.close > close { value += bar.volume }
        if bar.close < close { value -= bar.volume }
        return value
    }

    static let entry = IndicatorEntry(
        "OBV", "On-balance volume", .volume, inputs: [.close, .volume], source: "TA-Lib OBV"
    ) { _ in OBV() }
}
