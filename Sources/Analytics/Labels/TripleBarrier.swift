// TripleBarrier.swift — what became of an entry: target, stop, or the end of its time.

/// Labels of entries by the barrier that is touched first (López de Prado 2018, chapter 3). The
/// barriers are those of a trade: above by `target` volatilities, below by `stop`, and a time
/// limit.
public struct TripleBarrier: Sendable {
    public enum Touch: String, Sendable { case upper, lower, vertical }

    /// By what the barriers are touched.
    public enum Watch: Sendable {
        /// Closes only.
        case closes
        /// Highs and lows. Where one bar touches both, the lower counts: which came first is not
        /// known, and a label must not be kinder than the trade.
        case intrabar
    }

    public struct Label: Sendable, Equatable {
        /// Bars of entry and end.
        public let start, end: Int
        public let touch: Touch
        /// 1 upper, −1 lower; at the vertical barrier the sign of the return.
        public let sign: Int
        /// From close to close.
        public let simpleReturn: Double
        /// One bar touched both barriers.
        public let isAmbiguous: Bool
    }

    public let target, stop: Double
    public let limit: Int
    public let watch: Watch

    /// - Precondition: `target` and `stop` are positive, `limit` is at least one bar.
    public init(target: Double, stop: Double, limit: Int, watch: Watch) {
        precondition(target > 0 && stop > 0 && limit > 0, "barriers must be positive")
        self.target = target
        self.stop = stop
        self.limit = limit
        self.watch = watch
    }

    /// The label of an entry at the close of bar `start`; nil at the last bar, of which nothing is
    /// known.
    /// - Parameter volatility: of one bar, as a fraction of the price.
    public func label(_ bars: [Bar], start: Int, volatility: Double) -> Label? {
        let end = min(start + limit, bars.count - 1)
        guard start >= 0, start < end else { return nil }
        let entry = bars[start].close
        let upper = entry * (1 + target * volatility)
        let lower = entry * (1 - stop * volatility)
        for place in (start + 1)...end {
            let (high, low) = extremes(bars[place])
            let (isAbove, isBelow) = (high >= upper, low <= lower)
            guard isAbove || isBelow else { continue }
            return Label(
                start: start, end: place, touch: isBelow ? .lower : .upper, sign: isBelow ? -1 : 1,
                simpleReturn: bars[place].close / entry - 1, isAmbiguous: isAbove && isBelow)
        }
        let change = bars[end].close / entry - 1
        return Label(
            start: start, end: end, touch: .vertical, sign: change > 0 ? 1 : change < 0 ? -1 : 0,
            simpleReturn: change, isAmbiguous: false)
    }

    private func extremes(_ bar: Bar) -> (high: Double, low: Double) {
        watch == .closes ? (bar.close, bar.close) : (bar.high, bar.low)
    }
}
