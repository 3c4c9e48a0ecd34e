// SlowMatcher.swift — matching in the most obvious way, written from nt/match.h alone.
//
// Every order is one element of one array in the order of its arrival; every question walks all
// of it. The engine must agree with this, event for event.
import Core

struct SlowMatcher {
    typealias Event = MatchingEngine.Event
    typealias Order = MatchingEngine.Order
    typealias Level = MatchingEngine.Level

    struct Live {
        var order: Order
        var remaining: Int64
        /// Recorded lots that must trade first.
        var ahead: Int64 = 0
        var isStop: Bool
    }

    struct Displayed {
        var quantity: Int64
        var taken: Int64 = 0
    }

    let mode: MatchingEngine.Mode
    let maxOrders: Int
    var live: [Live] = []
    var displayed: [Side: [Int64: Displayed]] = [.buy: [:], .sell: [:]]
    var lastPrice: Int64 = 0
    var trades: Int64 = 0
    var events: [Event] = []
    /// Prices traded since stops were last looked at.
    private var traded: [Int64] = []
    private var triggered: [Live] = []

    static let maxQuantity = (Int64(1) << 43) - 1

    init(mode: MatchingEngine.Mode, maxOrders: Int) {
        self.mode = mode
        self.maxOrders = maxOrders
    }

    mutating func drain() -> [Event] {
        defer { events = [] }
        return events
    }

    // MARK: Placing

    mutating func place(_ input: Order) {
        var order = input
        if order.type == .market || order.type == .stopMarket { order.price = 0 }
        if !isStop(order) { order.stopPrice = 0 }
        if let reason = refusal(order) {
            emit(.refused, order, remaining: 0, reason)
            return
        }
        emit(.accepted, order, remaining: order.quantity)
        let new = Live(order: order, remaining: order.quantity, isStop: isStop(order))
        if new.isStop {
            live.append(new)
            return
        }
        execute(new)
        runStops()
    }

    private func isStop(_ order: Order) -> Bool {
        order.type == .stopMarket || order.type == .stopLimit
    }

    private func refusal(_ order: Order) -> Event.Reason? {
        let needsPrice = order.type != .market && order.type != .stopMarket
        let isBad =
            order.id == 0 || order.quantity <= 0 || order.quantity > Self.maxQuantity
            || (needsPrice && order.price <= 0) || (isStop(order) && order.stopPrice <= 0)
            || (order.type == .limitMaker && order.timeInForce != .gtc)
        if isBad { return .badOrder }
        if live.contains(where: { $0.order.id == order.id }) { return .duplicate }
        if live.count >= maxOrders { return .tableFull }
        if isStop(order), lastPrice != 0, reaches(lastPrice, order) { return .wouldTrigger }
        let best = best(order.side.opposite)
        if order.type == .limitMaker, let best, crosses(order, best.price) { return .wouldTake }
        if order.type == .market, best == nil { return .noLiquidity }
        return nil
    }

    private func reaches(_ price: Int64, _ stop: Order) -> Bool {
        stop.side == .buy ? price >= stop.stopPrice : price <= stop.stopPrice
    }

    private func crosses(_ order: Order, _ price: Int64) -> Bool {
        if order.type == .market { return true }
        return order.side == .buy ? order.price >= price : order.price <= price
    }

    // MARK: Executing

    private mutating func execute(_ taker: Live) {
        var taker = taker
        let order = taker.order
        if order.timeInForce == .fok, !isFillable(taker) {
            emit(.expired, order, remaining: taker.remaining, .fillOrKill)
            return
        }
        let metOwn = take(&taker)
        guard taker.remaining > 0 else { return }
        if metOwn {
            emit(.expired, order, remaining: taker.remaining, .selfTrade)
        } else if order.type == .market {
            emit(.expired, order, remaining: taker.remaining, .noLiquidity)
        } else if order.timeInForce == .ioc {
            emit(.expired, order, remaining: taker.remaining)
        } else {
            taker.ahead = aheadOfNewcomer(order)
            live.append(taker)
        }
    }

    private func aheadOfNewcomer(_ order: Order) -> Int64 {
        let shown = displayed[order.side]?[order.price]?.quantity ?? 0
        let earlier = resting(order.side, order.price).map(\.ahead).max() ?? 0
        return max(shown, earlier)
    }

    /// True when it met an order of its own owner.
    private mutating func take(_ taker: inout Live) -> Bool {
        let side = taker.order.side.opposite
        for price in prices(side) where taker.remaining > 0 {
            guard crosses(taker.order, price) else { return false }
            takeDisplayed(&taker, side, price)
            for maker in resting(side, price) where taker.remaining > 0 {
                if isSameOwner(taker, maker) { return true }
                trade(&taker, with: maker)
            }
        }
        return false
    }

    private mutating func takeDisplayed(_ taker: inout Live, _ side: Side, _ price: Int64) {
        let quantity = min(taker.remaining, available(side, price))
        guard quantity > 0 else { return }
        displayed[side]?[price]?.taken += quantity
        taker.remaining -= quantity
        emitTrade(
            taker, maker: 0, price: price, quantity: quantity,
            makerRemaining: available(side, price))
    }

    private mutating func trade(_ taker: inout Live, with maker: Live) {
        let quantity = min(taker.remaining, maker.remaining)
        taker.remaining -= quantity
        let left = reduce(maker.order.id, by: quantity)
        emitTrade(
            taker, maker: maker.order.id, price: maker.order.price, quantity: quantity,
            makerRemaining: left)
    }

    /// Returns what remains; an order without remainder leaves.
    private mutating func reduce(_ id: UInt64, by quantity: Int64) -> Int64 {
        guard let index = live.firstIndex(where: { $0.order.id == id }) else { return 0 }
        live[index].remaining -= quantity
        let left = live[index].remaining
        if left == 0 { live.remove(at: index) }
        return left
    }

    private func isFillable(_ taker: Live) -> Bool {
        let side = taker.order.side.opposite
        var wanted = taker.remaining
        for price in prices(side) where wanted > 0 && crosses(taker.order, price) {
            wanted -= min(wanted, available(side, price))
            for maker in resting(side, price) where wanted > 0 {
                if isSameOwner(taker, maker) { return false }
                wanted -= min(wanted, maker.remaining)
            }
        }
        return wanted == 0
    }

    private func isSameOwner(_ a: Live, _ b: Live) -> Bool {
        a.order.owner != 0 && a.order.owner == b.order.owner
    }

    // MARK: Stops

    private mutating func runStops() {
        collectReached()
        while !triggered.isEmpty {
            var stop = triggered.removeFirst()
            emit(.triggered, stop.order, remaining: stop.remaining)
            stop.isStop = false
            stop.order.type = stop.order.type == .stopMarket ? .market : .limit
            execute(stop)
            collectReached()
        }
    }

    private mutating func collectReached() {
        let prices = traded
        traded = []
        let reached = live.filter { stop in
            stop.isStop && prices.contains { reaches($0, stop.order) }
        }
        triggered += reached
        let ids = Set(reached.map(\.order.id))
        live.removeAll { ids.contains($0.order.id) }
    }

    // MARK: Cancel and amend

    mutating func cancel(_ id: UInt64) {
        guard let index = live.firstIndex(where: { $0.order.id == id }) else { return }
        let gone = live.remove(at: index)
        emit(.canceled, gone.order, remaining: gone.remaining)
    }

    mutating func amend(_ id: UInt64, quantity: Int64) {
        guard let index = live.firstIndex(where: { $0.order.id == id }) else { return }
        let filled = live[index].order.quantity - live[index].remaining
        guard quantity < live[index].order.quantity, quantity > filled else { return }
        live[index].order.quantity = quantity
        live[index].remaining = quantity - filled
        emit(.amended, live[index].order, remaining: live[index].remaining)
    }

    // MARK: Recording

    mutating func setLevel(_ side: Side, price: Int64, quantity: Int64) {
        guard mode == .recorded, price > 0, quantity >= 0 else { return }
        displayed[side]?[price] = quantity == 0 ? nil : Displayed(quantity: quantity)
        for index in live.indices where isResting(live[index], side, price) {
            live[index].ahead = min(live[index].ahead, quantity)
        }
        guard quantity > 0 else { return }
        var left = quantity
        for order in reached(side.opposite, by: price) where left > 0 {
            left -= fillResting(order, atMost: left)
        }
        displayed[side]?[price]?.taken = quantity - left
        runStops()
    }

    /// Resting orders of `side` that a price on the other side meets, in their priority.
    private func reached(_ side: Side, by price: Int64) -> [Live] {
        prices(side).filter { side == .buy ? $0 >= price : $0 <= price }
            .flatMap { resting(side, $0) }
    }

    private mutating func fillResting(_ maker: Live, atMost limit: Int64) -> Int64 {
        let quantity = min(limit, maker.remaining)
        guard quantity > 0 else { return 0 }
        var filled = maker
        filled.remaining = reduce(maker.order.id, by: quantity)
        emitTrade(
            filled, maker: maker.order.id, price: maker.order.price, quantity: quantity,
            makerRemaining: filled.remaining)
        return quantity
    }

    mutating func print(price: Int64, quantity: Int64, aggressor: Side) {
        guard mode == .recorded, price > 0, quantity > 0 else { return }
        let side = aggressor.opposite
        var left = quantity
        for order in reached(side, by: price) where order.order.price != price {
            setAhead(order.order.id, 0)
            if left > 0 { left -= fillResting(order, atMost: left) }
        }
        var passed: Int64 = 0
        for order in resting(side, price) {
            let stillAhead = max(0, order.ahead - passed)
            let used = min(left, stillAhead)
            left -= used
            passed += used
            setAhead(order.order.id, max(0, order.ahead - passed))
            if order.ahead <= passed, left > 0 { left -= fillResting(order, atMost: left) }
        }
        lastPrice = price
        traded.append(price)
        runStops()
    }

    private mutating func setAhead(_ id: UInt64, _ value: Int64) {
        for index in live.indices where live[index].order.id == id { live[index].ahead = value }
    }

    mutating func clearLevels() {
        guard mode == .recorded else { return }
        displayed = [.buy: [:], .sell: [:]]
        for index in live.indices where !live[index].isStop { live[index].ahead = .max }
    }

    // MARK: Views

    private func isResting(_ candidate: Live, _ side: Side, _ price: Int64) -> Bool {
        !candidate.isStop && candidate.order.side == side && candidate.order.price == price
    }

    private func resting(_ side: Side, _ price: Int64) -> [Live] {
        live.filter { isResting($0, side, price) }
    }

    private func available(_ side: Side, _ price: Int64) -> Int64 {
        guard let level = displayed[side]?[price] else { return 0 }
        return level.quantity - level.taken
    }

    /// Prices at which something can be had, best first.
    private func prices(_ side: Side) -> [Int64] {
        let shown = (displayed[side] ?? [:]).keys.filter { available(side, $0) > 0 }
        let own = live.filter { !$0.isStop && $0.order.side == side }.map(\.order.price)
        let sorted = Set(shown + own).sorted()
        return side == .buy ? sorted.reversed() : sorted
    }

    func levels(_ side: Side) -> [Level] {
        prices(side).map { price in
            let own = resting(side, price).reduce(0) { $0 + $1.remaining }
            return Level(price: price, quantity: own + available(side, price))
        }
    }

    func best(_ side: Side) -> Level? { levels(side).first }

    // MARK: Events

    private mutating func emit(
        _ kind: Event.Kind, _ order: Order, remaining: Int64, _ reason: Event.Reason = .none
    ) {
        events.append(
            Event(
                kind: kind, reason: reason, side: order.side, id: order.id, price: order.price,
                quantity: order.quantity, remaining: remaining))
    }

    private mutating func emitTrade(
        _ taker: Live, maker: UInt64, price: Int64, quantity: Int64, makerRemaining: Int64
    ) {
        trades += 1
        lastPrice = price
        traded.append(price)
        events.append(
            Event(
                kind: .trade, side: taker.order.side, id: taker.order.id, makerID: maker,
                trade: trades, price: price, quantity: quantity, remaining: taker.remaining,
                makerRemaining: makerRemaining))
    }
}
