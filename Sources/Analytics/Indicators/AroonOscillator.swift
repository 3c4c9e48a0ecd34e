// AroonOscillator.swift — Aroon up less Aroon down.

/// Aroon up less Aroon down, −100 to 100. Warm-up: period. O(1) an update.
public struct AroonOscillator: Indicator {
    private var aroon: Aroon

    /// - Precondition: `period` is positive.
    public init(period: Int = 14) { aroon = Aroon(period: period) }

    public var lookback: Int { aroon.lookback }

    public mutating func update(_ bar: Bar) -> Double? {
        guard let value = aroon.update(bar) else { return nil }
        return value.up - value.down
    }

    static let entry = IndicatorEntry(
        "AROONOSC", "Aroon oscillator", .trend, parameters: [.period(14)],
        inputs: [.high, .low], source: "TA-Lib AROONOSC"
    ) { AroonOscillator(period: $0.whole(0)) }
}
