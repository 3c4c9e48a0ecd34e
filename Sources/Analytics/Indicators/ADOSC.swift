// ADOSC.swift — Chaikin oscillator.

/// Fast EMA less slow EMA of accumulation and distribution, both begun with its first value
/// (Chaikin). Warm-up: the longer period − 1. O(1) an update.
public struct ADOSC: Indicator {
    public let lookback: Int
    private let fastWeight, slowWeight: Double
    private var line = AD()
    private var fast, slow: Double?
    private var count = 0

    /// - Precondition: both periods are positive.
    public init(fast: Int = 3, slow: Int = 10) {
        precondition(fast > 0 && slow > 0, "periods must be positive")
        lookback = max(fast, slow) - 1
        fastWeight = 2 / Double(fast + 1)
        slowWeight = 2 / Double(slow + 1)
    }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let value = line.update(bar) else { return nil }
        let quick = fastWeight * value + (1 - fastWeight) * (fast ?? value)
        let calm = slowWeight * value + (1 - slowWeight) * (slow ?? value)
        (fast, slow) = (quick, calm)
        count += 1
        return count > lookback ? quick - calm : nil
    }

    static let entry = IndicatorEntry(
        "ADOSC", "Chaikin oscillator", .volume,
        parameters: [.period(3, "fastperiod"), .period(10, "slowperiod")],
        inputs: [.high, .low, .close, .volume], source: "TA-Lib ADOSC"
    ) { ADOSC(fast: $0.whole(0), slow: $0.whole(1)) }
}
