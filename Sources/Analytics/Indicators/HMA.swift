// HMA.swift — Hull moving average.

/// `WMA(√n)` of `2·WMA(n/2) − WMA(n)` (Hull 2005). Warm-up: n − 1 + ⌊√n⌋ − 1. O(1) an update.
public struct HMA: Indicator {
    public let period: Int
    private let smoothing: Int
    private var half, whole, smooth: WMA

    /// - Precondition: `period` is at least 2.
    public init(period: Int) {
        precondition(period > 1, "period must be at least 2")
        self.period = period
        smoothing = Int(Double(period).squareRoot())
        half = WMA(period: period / 2)
        whole = WMA(period: period)
        smooth = WMA(period: smoothing)
    }

    public var lookback: Int { period + smoothing - 2 }

    public mutating func update(_ input: Double) -> Double? {
        let fast = half.update(input)
        guard let slow = whole.update(input), let fast else { return nil }
        return smooth.update(2 * fast - slow)
    }

    static let entry = IndicatorEntry(
        "HMA", "Hull moving average", .trend, parameters: [.period(20, from: 2)],
        inputs: [.close], source: "Hull 2005"
    ) { HMA(period: $0.whole(0)) }
}
