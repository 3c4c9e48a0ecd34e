// TSI.swift — true strength index.

/// `100 × EMA(EMA(Δ)) / EMA(EMA(|Δ|))` of the change, first over `long`, then over `short` (Blau
/// 1991); 0 where nothing moved. Warm-up: long + short − 1. O(1) an update.
public struct TSI: Indicator {
    public let lookback: Int
    private var before: Double?
    private var change: (EMA, EMA)
    private var size: (EMA, EMA)

    /// - Precondition: both periods are positive.
    public init(long: Int = 25, short: Int = 13) {
        lookback = long + short - 1
        change = (EMA(period: long), EMA(period: short))
        size = change
    }

    public mutating func update(_ input: Double) -> Double? {
        defer { before = input }
        guard let before else { return nil }
        let delta = input - before
        let outer = change.0.update(delta)
        guard let whole = size.0.update(abs(delta)), let outer else { return nil }
        let moved = change.1.update(outer)
        guard let all = size.1.update(whole), let moved else { return nil }
        return all == 0 ? 0 : 100 * moved / all
    }

    static let entry = IndicatorEntry(
        "TSI", "True strength index", .momentum,
        parameters: [.period(25, "long"), .period(13, "short")], inputs: [.close],
        source: "Blau 1991"
    ) { TSI(long: $0.whole(0), short: $0.whole(1)) }
}
