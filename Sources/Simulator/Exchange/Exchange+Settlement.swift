// Exchange+Settlement.swift — what the engine's events mean for orders and balances.
import Core

extension Exchange {
    func handle(_ event: MatchingEngine.Event, market: Int, now: Int64) {
        switch event.kind {
        case .accepted:
            if let order = orders[event.id] {
                report(.new, order, requestID: order.clientID, now: now)
            }
        case .triggered:
            guard var order = orders[event.id] else { return }
            order.isWorking = true
            order.workingTime = now
            order.updated = now
            orders[event.id] = order
            report(.new, order, requestID: order.clientID, now: now)
        case .trade:
            settle(event, market: market, now: now)
        case .canceled:
            break  // Answered where the cancel was asked for.
        case .expired:
            guard let order = orders[event.id] else { return }
            expire(order, event, now: now)
        case .refused, .amended:
            break  // Answered where the order or the amendment was sent.
        }
    }

    private func expire(_ order: ExchangeOrder, _ event: MatchingEngine.Event, now: Int64) {
        switch event.reason {
        case .selfTrade:
            close(
                order.id, as: .expiredInMatch, expiry: .selfTrade, requestID: order.clientID,
                now: now)
        case .fillOrKill:
            close(
                order.id, as: .expired, expiry: .unfilledFOK, requestID: order.clientID, now: now)
        case .none, .wouldTake, .wouldTrigger, .noLiquidity, .tableFull, .duplicate, .badOrder:
            let isMarket = order.ticket.type == .market || order.ticket.type == .stopMarket
            close(
                order.id, as: .expired, expiry: isMarket ? .noLiquidity : .unfilledIOC,
                requestID: order.clientID, now: now)
        }
    }

    /// Ends an open order and gives back what it had locked.
    func close(
        _ id: UInt64, as status: ExchangeOrder.Status, expiry: OrderReport.Expiry = .none,
        requestID: String, now: Int64
    ) {
        guard var order = orders[id], order.status.isOpen else { return }
        order.status = status
        order.updated = now
        release(&order, order.locked)
        orders[id] = order
        forgetOpen(order)
        let kind: OrderReport.Kind = status == .canceled ? .canceled : .expired
        report(
            kind, order, expiry: expiry, requestID: requestID,
            originalID: status == .canceled ? order.clientID : "", now: now)
    }

    // MARK: Trades

    private func settle(_ event: MatchingEngine.Event, market index: Int, now: Int64) {
        let market = markets[index]
        let fillsResting = event.makerID == event.id
        let aggressor = fillsResting ? event.side.opposite : event.side
        let trade = PublicTrade(
            id: market.takeTradeID(), price: event.price, quantity: event.quantity,
            value: market.listing.value(event.price, event.quantity) ?? 0, aggressor: aggressor,
            time: now)
        // A recorded print has been published already; its fill is news to the account alone.
        if !fillsResting { publish(trade, taker: event.id, market: index) }
        fill(event.id, trade, isMaker: fillsResting, now: now)
        if event.makerID != 0, !fillsResting { fill(event.makerID, trade, isMaker: true, now: now) }
    }

    private func fill(_ id: UInt64, _ trade: PublicTrade, isMaker: Bool, now: Int64) {
        guard var order = orders[id] else { return }
        let listing = markets[order.market].listing
        order.executed += trade.quantity
        order.executedValue += trade.value
        order.status = order.remaining == 0 ? .filled : .partiallyFilled
        order.updated = now
        let received = order.ticket.side == .buy ? listing.baseUnits(trade.quantity) : trade.value
        let commission = fees.commission(on: received, isMaker: isMaker)
        let booked = AccountTrade(
            id: trade.id, order: id, market: order.market, side: order.ticket.side,
            price: trade.price, quantity: trade.quantity, value: trade.value,
            commission: commission,
            commissionAsset: order.ticket.side == .buy ? listing.base : listing.quote,
            isMaker: isMaker, time: now)
        pay(&order, booked, received: received)
        if order.status == .filled {
            release(&order, order.locked)
            forgetOpen(order)
        }
        orders[id] = order
        trades[order.account, default: []].append(booked)
        report(.trade, order, requestID: order.clientID, trade: booked, now: now)
    }

    /// Moves both assets between the account and the house, and takes the commission.
    private func pay(_ order: inout ExchangeOrder, _ trade: AccountTrade, received: Int64) {
        let listing = markets[order.market].listing
        let isBuy = order.ticket.side == .buy
        let (out, into) = isBuy ? (listing.quote, listing.base) : (listing.base, listing.quote)
        let cost = isBuy ? trade.value : listing.baseUnits(trade.quantity)

        let fromLock = min(cost, order.locked)
        order.locked -= fromLock
        accounts[order.account]?.spendLocked(fromLock, of: out)
        if cost > fromLock {
            let rest = cost - fromLock
            let paid = accounts[order.account]?.spendFree(rest, of: out) ?? 0
            if paid < rest {
                shortfalls += 1
                house[out, default: 0] -= rest - paid
            }
        }
        house[out, default: 0] += cost
        house[into, default: 0] -= received
        accounts[order.account]?.credit(received - trade.commission, of: into)
        collected[into, default: 0] += trade.commission

        // A buy below its limit frees the difference at once.
        let needed = lockFor(order.ticket, lots: order.remaining, market: order.market)
        if isBuy, order.ticket.price > 0, order.locked > needed {
            release(&order, order.locked - needed)
        }
    }

    // MARK: Locks

    func release(_ order: inout ExchangeOrder, _ units: Int64) {
        let units = min(units, order.locked)
        order.locked -= units
        accounts[order.account]?.unlock(units, of: lockAsset(order))
    }

    func lockAsset(_ order: ExchangeOrder) -> String {
        let listing = markets[order.market].listing
        return order.ticket.side == .buy ? listing.quote : listing.base
    }

    /// What `lots` of a priced order must have locked.
    func lockFor(_ ticket: OrderTicket, lots: Int64, market: Int) -> Int64 {
        let listing = markets[market].listing
        if ticket.side == .sell { return listing.baseUnits(lots) }
        return listing.value(ticket.price, lots) ?? 0
    }

    func lockNeeded(
        _ ticket: OrderTicket, market: Int
    ) throws(ExchangeRefusal) -> (asset: String, units: Int64) {
        let listing = markets[market].listing
        guard ticket.side == .buy else { return (listing.base, listing.baseUnits(ticket.quantity)) }
        switch ticket.type {
        case .limit, .limitMaker, .stopLimit:
            guard let units = listing.value(ticket.price, ticket.quantity) else {
                throw .insufficientBalance
            }
            return (listing.quote, units)
        case .market:
            return (listing.quote, sweepCost(ticket, market: market))
        case .stopMarket:
            // The price at which it will trade is unknown: a tenth more than its stop.
            guard
                let units = listing.value(ticket.stopPrice + ticket.stopPrice / 10, ticket.quantity)
            else { throw .insufficientBalance }
            return (listing.quote, units)
        }
    }

    /// What a market buy costs against the book as it stands.
    private func sweepCost(_ ticket: OrderTicket, market: Int) -> Int64 {
        let listing = markets[market].listing
        var left = ticket.quantity
        var cost: Int64 = 0
        for level in markets[market].depth(.sell, limit: 5_000) where left > 0 {
            let lots = min(left, level.quantity)
            cost += listing.value(level.price, lots) ?? 0
            left -= lots
        }
        return cost
    }
}
