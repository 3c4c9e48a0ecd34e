// Candles.swift — public trades as one-second candles, kept for those who look at a chart.
import Core

struct Candle: Sendable, Equatable {
    /// UTC seconds since 1970 at which it begins, by the time the trades were taken.
    var second: Int64
    var open: Price
    var high: Price
    var low: Price
    var close: Price
    var volume: Quantity

    init(second: Int64, _ price: Price, _ quantity: Quantity) {
        self.second = second
        (open, high, low, close) = (price, price, price, price)
        volume = quantity
    }

    mutating func take(_ price: Price, _ quantity: Quantity) {
        high = max(high, price)
        low = min(low, price)
        close = price
        // A second's volume beyond the range of an integer stays at its end.
        let (sum, overflow) = volume.lots.addingReportingOverflow(quantity.lots)
        volume = Quantity(lots: overflow ? .max : sum)
    }
}

/// Candles by instrument, oldest first; seconds without a trade have none. Bounded: all
/// instruments together keep `budget`.
struct CandleSeries: Sendable {
    private static let budget = 9000
    private static let longest = 900
    private var candles: [[Candle]]
    private let limit: Int

    init(instruments count: Int) {
        candles = Array(repeating: [], count: count)
        limit = min(Self.longest, max(1, Self.budget / max(1, count)))
    }

    /// `time`: UTC nanoseconds. Trades of an earlier second than the last are counted into it.
    mutating func take(
        _ instrument: InstrumentID, _ price: Price, _ quantity: Quantity, at time: Int64
    ) {
        let slot = Int(instrument.slot)
        guard candles.indices.contains(slot) else { return }
        let second = time / 1_000_000_000
        if let last = candles[slot].last, last.second >= second {
            candles[slot][candles[slot].count - 1].take(price, quantity)
            return
        }
        candles[slot].append(Candle(second: second, price, quantity))
        // Dropped in blocks: moving the rest once a second would be waste.
        if candles[slot].count > limit + limit / 4 {
            candles[slot].removeFirst(candles[slot].count - limit)
        }
    }

    /// Candles of `second` and later.
    func since(_ second: Int64, of instrument: InstrumentID) -> [Candle] {
        let all = candles[Int(instrument.slot)]
        var first = all.endIndex
        while first > all.startIndex, all[first - 1].second >= second { first -= 1 }
        return Array(all[first...])
    }
}
