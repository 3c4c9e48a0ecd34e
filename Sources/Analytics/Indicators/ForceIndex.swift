// ForceIndex.swift — change times volume.

/// EMA of `(close − previous close) × volume` (Elder 1993). Warm-up: period. O(1) an update.
public struct ForceIndex: Indicator {
    public let period: Int
    private var close: Double?
    private var mean: EMA

    /// - Precondition: `period` is positive.
    public init(period: Int = 13) {
        self.period = period
        mean = EMA(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Double? {
        defer { close = bar.close }
        guard let close else { return nil }
        return mean.update((bar.close - close) * bar.volume)
    }

    static let entry = IndicatorEntry(
        "FORCE_INDEX", "Force index", .volume, parameters: [.period(13)],
        inputs: [.close, .volume], source: "Elder 1993"
    ) { ForceIndex(period: $0.whole(0)) }
}
