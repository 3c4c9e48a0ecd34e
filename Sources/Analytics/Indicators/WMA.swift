// WMA.swift — weighted moving average.

/// Mean of the last `period` inputs with the weights 1 (oldest) … period (newest). Warm-up:
/// period − 1. O(1) an update.
public struct WMA: Indicator {
    public let period: Int
    private var window: Window
    private var sum = 0.0
    private var weighted = 0.0
    private var sinceRenewal = 0

    /// - Precondition: `period` is positive.
    public init(period: Int) {
        self.period = period
        window = Window(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ input: Double) -> Double? {
        if let leaving = window.push(input) {
            weighted += Double(period) * input - sum
            sum += input - leaving
        } else {
            weighted += Double(window.count) * input
            sum += input
        }
        sinceRenewal += 1
        if sinceRenewal == RollingSum.renewal { renew() }
        return window.isFull ? weighted / Double(period * (period + 1) / 2) : nil
    }

    private mutating func renew() {
        sinceRenewal = 0
        sum = 0
        weighted = 0
        for ago in 0..<window.count {
            sum += window[ago: ago]
            weighted += Double(window.count - ago) * window[ago: ago]
        }
    }

    static let entry = IndicatorEntry(
        "WMA", "Weighted moving average", .trend, parameters: [.period(30)], inputs: [.close],
        source: "TA-Lib WMA"
    ) { WMA(period: $0.whole(0)) }
}
