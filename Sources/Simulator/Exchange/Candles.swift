// Candles.swift — trades summed into bars of one second and one minute; longer ones are joined
// from minutes when they are asked for.
import Core

package struct Candle: Sendable, Equatable {
    /// Milliseconds UTC.
    package var openTime: Int64
    package var open: Int64
    package var high: Int64
    package var low: Int64
    package var close: Int64
    package var volume: Int64 = 0
    package var value: Int64 = 0
    package var trades: Int64 = 0
    package var takerBuyVolume: Int64 = 0
    package var takerBuyValue: Int64 = 0
    package var firstTrade: Int64 = -1
    package var lastTrade: Int64 = -1

    package init(openTime: Int64, price: Int64) {
        self.openTime = openTime
        (open, high, low, close) = (price, price, price, price)
    }

    package mutating func add(_ trade: PublicTrade) {
        if trades == 0 { open = trade.price; high = trade.price; low = trade.price }
        high = max(high, trade.price)
        low = min(low, trade.price)
        close = trade.price
        volume = saturatingSum(volume, trade.quantity)
        value = saturatingSum(value, trade.value)
        trades += 1
        if trade.aggressor == .buy {
            takerBuyVolume = saturatingSum(takerBuyVolume, trade.quantity)
            takerBuyValue = saturatingSum(takerBuyValue, trade.value)
        }
        if firstTrade < 0 { firstTrade = trade.id }
        lastTrade = trade.id
    }

    /// Appends a later candle to this one.
    package mutating func join(_ later: Candle) {
        high = max(high, later.high)
        low = min(low, later.low)
        close = later.close
        volume = saturatingSum(volume, later.volume)
        value = saturatingSum(value, later.value)
        trades += later.trades
        takerBuyVolume = saturatingSum(takerBuyVolume, later.takerBuyVolume)
        takerBuyValue = saturatingSum(takerBuyValue, later.takerBuyValue)
        if firstTrade < 0 { firstTrade = later.firstTrade }
        if later.lastTrade >= 0 { lastTrade = later.lastTrade }
    }
}

/// The candles of one interval; seconds without a trade get flat ones, as venues print them.
package struct CandleSeries: Sendable {
    package let interval: Int64
    package private(set) var candles: [Candle] = []
    private static let limit = 1_500

    package init(interval: Int64) { self.interval = interval }

    package mutating func add(_ trade: PublicTrade) {
        let opens = trade.time - trade.time % interval
        if candles.isEmpty { candles.append(Candle(openTime: opens, price: trade.price)) }
        advance(to: trade.time)
        candles[candles.count - 1].add(trade)
    }

    /// Opens flat candles until `now` lies in the last one.
    package mutating func advance(to now: Int64) {
        guard var last = candles.last else { return }
        let opens = now - now % interval
        // After a long silence only the candles that would be kept are made.
        last.openTime = max(last.openTime, opens - Int64(Self.limit) * interval)
        while last.openTime < opens {
            last = Candle(openTime: last.openTime + interval, price: last.close)
            candles.append(last)
        }
        if candles.count > 2 * Self.limit { candles.removeFirst(candles.count - Self.limit) }
    }
}

package struct CandleBook: Sendable {
    private var seconds = CandleSeries(interval: 1_000)
    private var minutes = CandleSeries(interval: 60_000)

    package init() {}

    package mutating func add(_ trade: PublicTrade) {
        seconds.add(trade)
        minutes.add(trade)
    }

    package mutating func advance(to now: Int64) {
        seconds.advance(to: now)
        minutes.advance(to: now)
    }

    /// Candles of an interval in milliseconds, oldest first.
    package func candles(_ interval: Int64) -> [Candle] {
        if interval < 60_000 { return seconds.candles }
        if interval == 60_000 { return minutes.candles }
        var joined: [Candle] = []
        for candle in minutes.candles {
            let opens = candle.openTime - candle.openTime % interval
            if let last = joined.indices.last, joined[last].openTime == opens {
                joined[last].join(candle)
            } else {
                var first = candle
                first.openTime = opens
                joined.append(first)
            }
        }
        return joined
    }

    /// The candle that is open now.
    package func current(_ interval: Int64) -> Candle? {
        interval == 1_000
            ? seconds.candles.last
            : interval == 60_000 ? minutes.candles.last : candles(interval).last
    }
}

/// Sums for display stick at their maximum: a market that runs for days must not trap.
func saturatingSum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}
