// ADXR.swift — average directional index rating.

/// Mean of ADX now and period − 1 bars ago (Wilder 1978). Warm-up: 3 × period − 2. O(1) an update.
public struct ADXR: Indicator {
    public let period: Int
    private var adx: ADX
    private var window: Window

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) {
        self.period = period
        adx = ADX(period: period)
        window = Window(period)
    }

    public var lookback: Int { 3 * period - 2 }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let value = adx.update(bar) else { return nil }
        window.push(value)
        return window.isFull ? (value + window.oldest) / 2 : nil
    }

    static let entry = IndicatorEntry(
        "ADXR", "Average directional index rating", .trend, parameters: [.period(14)],
        inputs: [.high, .low, .close], source: "TA-Lib ADXR"
    ) { ADXR(period: $0.whole(0)) }
}
