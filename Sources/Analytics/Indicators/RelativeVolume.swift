// RelativeVolume.swift — volume against what is usual.

/// Volume over the mean of the `period` bars before it, this bar not among them; 0 where nothing
/// was traded before. Warm-up: period. O(1) an update.
public struct RelativeVolume: Indicator {
    public let period: Int
    private var sum: RollingSum

    /// - Precondition: `period` is positive.
    public init(period: Int = 20) {
        self.period = period
        sum = RollingSum(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ input: Double) -> Double? {
        let usual = sum.window.isFull ? sum.value / Double(period) : nil
        _ = sum.update(input)
        guard let usual else { return nil }
        return usual > 0 ? input / usual : 0
    }

    static let entry = IndicatorEntry(
        "RELATIVE_VOLUME", "Relative volume", .volume, parameters: [.period(20)],
        inputs: [.volume], source: "volume / SMA of the volumes before"
    ) { RelativeVolume(period: $0.whole(0)) }
}
