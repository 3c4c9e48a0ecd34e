// HTCyclePeriod.swift — period of the dominant cycle.

/// Smoothed period of the dominant cycle in inputs, by Ehlers' Hilbert transform. Warm-up: 32. O(1)
/// an update.
public struct HTCyclePeriod: Indicator {
    private var cycle = HilbertCycle(skipped: 9)
    private var count = 0

    public init() {}

    public var lookback: Int { 32 }

    public mutating func update(_ input: Double) -> Double? {
        _ = cycle.update(input)
        count += 1
        return count > lookback ? cycle.period : nil
    }

    static let entry = IndicatorEntry(
        "HT_DCPERIOD", "Hilbert transform, dominant cycle period", .statistics,
        inputs: [.close], source: "TA-Lib HT_DCPERIOD"
    ) { _ in HTCyclePeriod() }
}
