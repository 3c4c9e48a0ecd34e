// Market.swift — one pair's matching engine and everything public about it.
//
// The engine knows orders; this keeps what the world sees of them: levels with update ids, trades,
// candles. After each call into the engine the orders that it touched are compared with what
// their level already counts, so that levels are right whatever the engine did.
import Core

package final class Market {
    private struct Counted {
        let side: Side
        let price: Int64
        var quantity: Int64
    }

    package let listing: Listing
    package let mode: MatchingEngine.Mode
    package private(set) var levels = LevelBook()
    package private(set) var trades: [PublicTrade] = []
    package private(set) var aggregates: [AggregateTrade] = []
    package private(set) var statistics = MarketStatistics()
    package var candles = CandleBook()

    private let engine: MatchingEngine
    private var counted: [UInt64: Counted] = [:]
    private var nextTradeID: Int64 = 1
    private var openAggregate: (taker: UInt64, trade: AggregateTrade)?
    private var nextAggregateID: Int64 = 1
    /// Recorded quantity per price that our orders have not taken.
    private var recorded: [[Int64: Int64]] = [[:], [:]]

    private static let keptTrades = 2_000

    package init(_ listing: Listing, mode: MatchingEngine.Mode) throws(CoreError) {
        self.listing = listing
        self.mode = mode
        engine = try MatchingEngine(mode: mode, maxLevels: 32_768)
    }

    // MARK: Orders

    package func place(_ order: MatchingEngine.Order) -> [MatchingEngine.Event] {
        counted[order.id] = Counted(side: order.side, price: order.price, quantity: 0)
        let events = engine.place(order)
        let isDormant = order.type == .stopMarket || order.type == .stopLimit
        if isDormant, !events.contains(where: { $0.kind == .triggered && $0.id == order.id }) {
            counted[order.id] = nil
        }
        count(events)
        return events
    }

    package func cancel(_ id: UInt64) -> [MatchingEngine.Event] {
        let events = engine.cancel(id)
        count(events)
        return events
    }

    package func amend(_ id: UInt64, quantity: Int64) -> [MatchingEngine.Event] {
        let events = engine.amend(id, quantity: quantity)
        count(events)
        return events
    }

    // MARK: Recording

    package func setLevel(_ side: Side, price: Int64, quantity: Int64) -> [MatchingEngine.Event] {
        let events = engine.setLevel(side, price: price, quantity: quantity)
        // Resting orders that the level crosses take part of it.
        let taken = events.reduce(0) { $0 + ($1.makerID == $1.id ? $1.quantity : 0) }
        setRecorded(side, price, quantity - taken)
        count(events)
        return events
    }

    private func setRecorded(_ side: Side, _ price: Int64, _ quantity: Int64) {
        let index = Int(side.rawValue)
        levels.add(quantity - (recorded[index][price] ?? 0), at: price, side)
        recorded[index][price] = quantity == 0 ? nil : quantity
    }

    package func print(price: Int64, quantity: Int64, aggressor: Side) -> [MatchingEngine.Event] {
        let events = engine.print(price: price, quantity: quantity, aggressor: aggressor)
        count(events)
        return events
    }

    package func clearRecording() {
        for side in Side.allCases {
            for (price, quantity) in recorded[Int(side.rawValue)].sorted(by: { $0.key < $1.key }) {
                levels.add(-quantity, at: price, side)
            }
        }
        recorded = [[:], [:]]
        engine.clearLevels()
    }

    // MARK: Book

    package func best(_ side: Side) -> MatchingEngine.Level? { engine.best(side) }
    package func depth(_ side: Side, limit: Int) -> [MatchingEngine.Level] {
        engine.levels(side, limit: limit)
    }
    package var lastPrice: Int64? { statistics.last?.price ?? engine.lastPrice }
    package func takeChanges(_ cadence: Cadence) -> LevelChanges? { levels.takeChanges(cadence) }

    /// Volume-weighted price of the last five minutes, else the last price.
    package func averagePrice(now: Int64) -> Int64? {
        let recent = candles.candles(60_000).suffix(5)
        let volume = recent.reduce(0) { saturatingSum($0, $1.volume) }
        let value = recent.reduce(0) { saturatingSum($0, $1.value) }
        guard volume > 0, value < .max else { return lastPrice }
        return value / listing.valueUnits / volume
    }

    // MARK: Trades

    package func takeTradeID() -> Int64 {
        defer { nextTradeID += 1 }
        return nextTradeID
    }

    /// Publishes a trade and sums it into candles and statistics.
    package func publish(_ trade: PublicTrade, taker: UInt64) -> AggregateTrade? {
        trades.append(trade)
        if trades.count > 2 * Self.keptTrades { trades.removeFirst(Self.keptTrades) }
        statistics.add(trade)
        candles.add(trade)
        if let open = openAggregate, open.taker == taker, open.trade.price == trade.price {
            openAggregate?.trade.quantity += trade.quantity
            openAggregate?.trade.lastTrade = trade.id
            return nil
        }
        let finished = finishAggregate()
        let aggregate = AggregateTrade(
            id: nextAggregateID, price: trade.price, quantity: trade.quantity,
            firstTrade: trade.id, lastTrade: trade.id, aggressor: trade.aggressor, time: trade.time)
        nextAggregateID += 1
        openAggregate = (taker, aggregate)
        return finished
    }

    /// Closes the aggregate of the taker whose order has just been handled.
    package func finishAggregate() -> AggregateTrade? {
        guard let open = openAggregate else { return nil }
        openAggregate = nil
        aggregates.append(open.trade)
        if aggregates.count > 2 * Self.keptTrades { aggregates.removeFirst(Self.keptTrades) }
        return open.trade
    }

    // MARK: Levels

    private func count(_ events: [MatchingEngine.Event]) {
        for event in events {
            switch event.kind {
            case .triggered where counted[event.id] == nil:
                counted[event.id] = Counted(side: event.side, price: event.price, quantity: 0)
            case .accepted, .refused, .trade, .canceled, .expired, .triggered, .amended: break
            }
        }
        for event in events {
            if event.kind == .trade, event.makerID == 0 {
                let side = event.side.opposite
                let left = recorded[Int(side.rawValue)][event.price] ?? 0
                setRecorded(side, event.price, left - event.quantity)
            }
            recount(event.id)
            if event.makerID != 0, event.makerID != event.id { recount(event.makerID) }
        }
    }

    private func recount(_ id: UInt64) {
        guard let known = counted[id] else { return }
        let remaining = engine.remaining(id)
        levels.add(remaining - known.quantity, at: known.price, known.side)
        if remaining == 0 { counted[id] = nil } else { counted[id]?.quantity = remaining }
    }
}

/// Sums since the market opened; shown where a venue shows its last 24 hours.
package struct MarketStatistics: Sendable {
    package private(set) var open: Int64 = 0
    package private(set) var high: Int64 = 0
    package private(set) var low: Int64 = 0
    package private(set) var volume: Int64 = 0
    package private(set) var value: Int64 = 0
    package private(set) var count: Int64 = 0
    package private(set) var first: PublicTrade?
    package private(set) var last: PublicTrade?

    package mutating func add(_ trade: PublicTrade) {
        if first == nil {
            first = trade
            (open, high, low) = (trade.price, trade.price, trade.price)
        }
        high = max(high, trade.price)
        low = min(low, trade.price)
        volume = saturatingSum(volume, trade.quantity)
        value = saturatingSum(value, trade.value)
        count += 1
        last = trade
    }
}
