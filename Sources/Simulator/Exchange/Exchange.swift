// Exchange.swift — accounts, orders and balances on top of the markets; knows no protocol.
//
// Deterministic: time comes with each call and nothing here draws a random number. What happened
// is appended to `events` in order; whoever speaks a protocol drains them after each call.
// Liquidity of the generated or recorded market belongs to the house, whose balance may go
// negative: accounts + house + fees stay constant, in every asset, whatever happens.
import Core

package final class Exchange {
    package let markets: [Market]
    package let fees: Fees
    /// What happened since the last drain.
    package private(set) var events: [ExchangeEvent] = []
    package var accounts: [AccountID: Account] = [:]
    package var orders: [UInt64: ExchangeOrder] = [:]
    package internal(set) var trades: [AccountID: [AccountTrade]] = [:]
    /// Counterparty of everything that no account owns, and the commissions taken.
    package internal(set) var house: [String: Int64] = [:]
    package internal(set) var collected: [String: Int64] = [:]
    /// Times that an account could not pay for a triggered stop in full; the house paid.
    package internal(set) var shortfalls = 0

    var openOrders: [AccountID: [UInt64]] = [:]
    private var openIDs: [AccountID: [String: UInt64]] = [:]
    private var accountIDs: [AccountID] = []
    private var nextOrderID: UInt64 = 1_001
    private var nextExecutionID: Int64 = 1

    /// Owners in the engines: house orders and accounts never share a number.
    static let houseOwners: UInt64 = 1 << 62

    /// Times that one order may be amended.
    package static let maxAmendments = 10

    package init(markets: [Market], fees: Fees = Fees()) {
        self.markets = markets
        self.fees = fees
    }

    package func addAccount(_ id: AccountID, balances: [String: Int64]) {
        accounts[id] = Account(id: id, balances: balances)
        accountIDs.append(id)
    }

    package func drainEvents() -> [ExchangeEvent] {
        defer { events.removeAll() }
        return events
    }

    package func marketIndex(_ symbol: String) -> Int? {
        markets.firstIndex { $0.listing.symbol == symbol }
    }

    // MARK: Queries

    package func openOrders(of account: AccountID, market: Int? = nil) -> [ExchangeOrder] {
        (openOrders[account] ?? []).compactMap { orders[$0] }
            .filter { market == nil || $0.market == market }
    }

    package func openOrder(_ clientID: String, of account: AccountID) -> UInt64? {
        openIDs[account]?[clientID]
    }

    package func allOrders(of account: AccountID, market: Int) -> [ExchangeOrder] {
        orders.values.filter { $0.account == account && $0.market == market }
            .sorted { $0.id < $1.id }
    }

    // MARK: Actions of accounts

    /// Takes an order, or refuses it with nothing changed.
    package func place(
        _ ticket: OrderTicket, market index: Int, account: AccountID, now: Int64
    ) throws(ExchangeRefusal) -> ExchangeOrder {
        var ticket = ticket
        try check(&ticket, market: index, account: account, now: now)
        let lock = try lockNeeded(ticket, market: index)
        guard accounts[account]?.lock(lock.units, of: lock.asset) == true else {
            throw .insufficientBalance
        }
        let id = nextOrderID
        let isStop = ticket.type == .stopMarket || ticket.type == .stopLimit
        var order = ExchangeOrder(
            id: id, account: account, market: index, ticket: ticket, isWorking: !isStop,
            created: now, updated: now, workingTime: isStop ? -1 : now)
        order.locked = lock.units
        orders[id] = order
        return try enter(order, now: now)
    }

    /// What `place` would say, without doing it.
    package func test(
        _ ticket: OrderTicket, market: Int, account: AccountID, now: Int64
    ) throws(ExchangeRefusal) {
        var ticket = ticket
        try check(&ticket, market: market, account: account, now: now)
    }

    package func cancel(
        _ id: UInt64, account: AccountID, requestID: String, now: Int64
    ) throws(ExchangeRefusal) -> ExchangeOrder {
        guard let order = orders[id], order.account == account, order.status.isOpen else {
            throw .unknownOrder
        }
        begin()
        for event in markets[order.market].cancel(id) where event.kind == .canceled {
            close(id, as: .canceled, requestID: requestID, now: now)
        }
        finish(order.market, now: now)
        return orders[id] ?? order
    }

    /// Lowers the total quantity; the order keeps its place in the queue.
    package func amend(
        _ id: UInt64, quantity: Int64, clientID: String, account: AccountID, now: Int64
    ) throws(ExchangeRefusal) -> (order: ExchangeOrder, executionID: Int64) {
        guard var order = orders[id], order.account == account, order.status.isOpen else {
            throw .unknownOrder
        }
        guard order.amendments < Self.maxAmendments else { throw .tooManyAmendments }
        guard quantity < order.ticket.quantity, quantity > order.executed else { throw .notLower }
        if let other = openOrder(clientID, of: account), other != id { throw .duplicateClientID }
        begin()
        guard
            markets[order.market].amend(id, quantity: quantity).contains(where: {
                $0.kind == .amended
            })
        else { throw .notLower }
        let original = order.clientID
        let before = lockFor(order.ticket, lots: order.remaining, market: order.market)
        openIDs[account]?[original] = nil
        openIDs[account, default: [:]][clientID] = id
        order.ticket.quantity = quantity
        order.ticket.clientID = clientID
        order.amendments += 1
        order.updated = now
        let released = before - lockFor(order.ticket, lots: order.remaining, market: order.market)
        release(&order, released)
        orders[id] = order
        let executionID = report(
            .replaced, order, requestID: clientID, originalID: original, now: now)
        finish(order.market, now: now)
        return (order, executionID)
    }

    // MARK: Actions of the market

    /// An order of the generated market. `owner` separates its makers from its takers.
    @discardableResult
    package func placeHouse(
        _ order: MatchingEngine.Order, owner: UInt64, market: Int, now: Int64
    ) -> [MatchingEngine.Event] {
        var order = order
        order.owner = Self.houseOwners + owner
        return act(market, now: now) { $0.place(order) }
    }

    package func cancelHouse(_ id: UInt64, market: Int, now: Int64) {
        act(market, now: now) { $0.cancel(id) }
    }

    /// One message of a recording: removals first, so that the book never crosses in between.
    package func setLevels(
        _ changes: [(side: Side, level: MatchingEngine.Level)], market: Int, now: Int64
    ) {
        let removals = changes.filter { $0.level.quantity == 0 }
        let others = changes.filter { $0.level.quantity != 0 }
        act(market, now: now) { market in
            (removals + others).flatMap {
                market.setLevel($0.side, price: $0.level.price, quantity: $0.level.quantity)
            }
        }
    }

    /// A trade of a recording: published, and fills whoever waited for it.
    package func print(
        price: Int64, quantity: Int64, aggressor: Side, market index: Int, now: Int64
    ) {
        let market = markets[index]
        begin()
        let trade = PublicTrade(
            id: market.takeTradeID(), price: price, quantity: quantity,
            value: market.listing.value(price, quantity) ?? 0, aggressor: aggressor, time: now)
        publish(trade, taker: 0, market: index)
        for event in market.print(price: price, quantity: quantity, aggressor: aggressor) {
            handle(event, market: index, now: now)
        }
        finish(index, now: now)
    }

    /// The recording has a gap: nothing is known of its levels until they are set again.
    package func clearRecording(market index: Int, now: Int64) {
        act(index, now: now) { market in
            market.clearRecording()
            return []
        }
    }

    @discardableResult
    private func act(
        _ index: Int, now: Int64, _ body: (Market) -> [MatchingEngine.Event]
    ) -> [MatchingEngine.Event] {
        begin()
        let happened = body(markets[index])
        for event in happened { handle(event, market: index, now: now) }
        finish(index, now: now)
        return happened
    }

    // MARK: Order entry

    private func enter(_ order: ExchangeOrder, now: Int64) throws(ExchangeRefusal) -> ExchangeOrder
    {
        begin()
        let ticket = order.ticket
        let happened = markets[order.market].place(
            MatchingEngine.Order(
                id: order.id, owner: order.account.number, side: ticket.side, type: ticket.type,
                timeInForce: ticket.timeInForce, price: ticket.price, stopPrice: ticket.stopPrice,
                quantity: ticket.quantity))
        if let refused = happened.first(where: { $0.kind == .refused && $0.id == order.id }) {
            try refuse(order, refused.reason, now: now)
        } else {
            open(order)
            for event in happened { handle(event, market: order.market, now: now) }
        }
        finish(order.market, now: now)
        return orders[order.id] ?? order
    }

    /// Some refusals of the engine are, at a venue, orders that were accepted and expired at once.
    private func refuse(
        _ order: ExchangeOrder, _ reason: MatchingEngine.Event.Reason, now: Int64
    ) throws(ExchangeRefusal) {
        switch reason {
        case .noLiquidity, .fillOrKill:
            open(order)
            report(.new, order, requestID: order.clientID, now: now)
            let expiry: OrderReport.Expiry = reason == .fillOrKill ? .unfilledFOK : .noLiquidity
            close(order.id, as: .expired, expiry: expiry, requestID: order.clientID, now: now)
        case .wouldTake, .wouldTrigger, .none, .selfTrade, .tableFull, .duplicate, .badOrder:
            accounts[order.account]?.unlock(order.locked, of: lockAsset(order))
            accounts[order.account]?.changed.removeAll()
            orders[order.id] = nil
            throw Self.refusal(reason)
        }
    }

    private static func refusal(_ reason: MatchingEngine.Event.Reason) -> ExchangeRefusal {
        switch reason {
        case .wouldTake: .wouldTake
        case .wouldTrigger: .wouldTrigger
        case .duplicate: .duplicateClientID
        case .tableFull: .filter("EXCHANGE_MAX_NUM_ORDERS")
        case .none, .noLiquidity, .fillOrKill, .selfTrade, .badOrder: .valueTooLow
        }
    }

    private func open(_ order: ExchangeOrder) {
        nextOrderID += 1
        openOrders[order.account, default: []].append(order.id)
        openIDs[order.account, default: [:]][order.clientID] = order.id
    }

    func forgetOpen(_ order: ExchangeOrder) {
        openOrders[order.account]?.removeAll { $0 == order.id }
        if openIDs[order.account]?[order.clientID] == order.id {
            openIDs[order.account]?[order.clientID] = nil
        }
    }

    // MARK: Reporting

    private var touch: [Int: [MatchingEngine.Level?]] = [:]

    private func bestOf(_ market: Int) -> [MatchingEngine.Level?] {
        [markets[market].best(.buy), markets[market].best(.sell)]
    }

    private func begin() {
        for index in markets.indices where touch[index] == nil { touch[index] = bestOf(index) }
    }

    /// Ends one action: aggregate trades, changed best prices, changed balances.
    private func finish(_ index: Int, now: Int64) {
        if let aggregate = markets[index].finishAggregate() {
            events.append(.aggregate(market: index, aggregate))
        }
        let best = bestOf(index)
        if touch[index] != best {
            touch[index] = best
            let quote = Quote(
                updateID: markets[index].levels.updateID, bid: best[0], ask: best[1])
            events.append(.quote(market: index, quote))
        }
        for id in accountIDs {
            guard let changed = accounts[id]?.changed, !changed.isEmpty else { continue }
            accounts[id]?.changed.removeAll()
            accounts[id]?.updated = now
            events.append(.balances(id, assets: changed.sorted()))
        }
    }

    func publish(_ trade: PublicTrade, taker: UInt64, market: Int) {
        events.append(.trade(market: market, trade))
        if let finished = markets[market].publish(trade, taker: taker) {
            events.append(.aggregate(market: market, finished))
        }
    }

    @discardableResult
    func report(
        _ kind: OrderReport.Kind, _ order: ExchangeOrder, expiry: OrderReport.Expiry = .none,
        requestID: String, originalID: String = "", trade: AccountTrade? = nil, now: Int64
    ) -> Int64 {
        let executionID = nextExecutionID
        nextExecutionID += 1
        events.append(
            .report(
                OrderReport(
                    kind: kind, expiry: expiry, order: order, requestID: requestID,
                    originalID: originalID, trade: trade, executionID: executionID, time: now)))
        return executionID
    }
}
