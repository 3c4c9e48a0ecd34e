// Exchange+Rules.swift — the filters that every order of an account must pass, by their names.
import Core

extension Exchange {
    /// Checks all rules that need no matching. Fills in the quantity of an order by value.
    func check(
        _ ticket: inout OrderTicket, market index: Int, account: AccountID, now: Int64
    ) throws(ExchangeRefusal) {
        let market = markets[index]
        if ticket.type == .market, ticket.quoteQuantity > 0 {
            try checkNotional(ticket.quoteQuantity, market.listing)
            ticket.quantity = lots(forValue: ticket.quoteQuantity, ticket.side, market)
            guard ticket.quantity > 0 else { throw .tooLittleLiquidity }
        }
        try checkPrices(ticket, market, now: now)
        try checkQuantity(ticket, market.listing)
        try checkNotional(ticket, market, now: now)
        guard openOrder(ticket.clientID, of: account) == nil else { throw .duplicateClientID }
        guard openOrders(of: account, market: index).count < market.listing.maxOpenOrders else {
            throw .filter("MAX_NUM_ORDERS")
        }
    }

    private func checkPrices(
        _ ticket: OrderTicket, _ market: Market, now: Int64
    ) throws(ExchangeRefusal) {
        let instrument = market.listing.instrument
        for price in [ticket.price, ticket.stopPrice] where price != 0 {
            let isAbove = instrument.maxPrice > 0 && price > instrument.maxPrice
            guard price >= max(1, instrument.minPrice), !isAbove else {
                throw .filter("PRICE_FILTER")
            }
        }
        guard ticket.price != 0, let average = market.averagePrice(now: now) else { return }
        let multiple = market.listing.maxPriceMultiple
        guard ticket.price / multiple <= average, ticket.price >= average / multiple else {
            throw .filter("PERCENT_PRICE_BY_SIDE")
        }
    }

    private func checkQuantity(
        _ ticket: OrderTicket, _ listing: Listing
    ) throws(ExchangeRefusal) {
        let instrument = listing.instrument
        let isAbove = instrument.maxQuantity > 0 && ticket.quantity > instrument.maxQuantity
        guard ticket.quantity >= max(1, instrument.minQuantity), !isAbove else {
            throw .filter("LOT_SIZE")
        }
        guard ticket.type == .market || ticket.type == .stopMarket else { return }
        let isTooLarge =
            instrument.maxMarketQuantity > 0 && ticket.quantity > instrument.maxMarketQuantity
        guard ticket.quantity >= instrument.minMarketQuantity, !isTooLarge else {
            throw .filter("MARKET_LOT_SIZE")
        }
    }

    private func checkNotional(
        _ ticket: OrderTicket, _ market: Market, now: Int64
    ) throws(ExchangeRefusal) {
        let reference = ticket.price != 0 ? ticket.price : market.averagePrice(now: now) ?? 0
        guard reference > 0 else { return }
        guard let value = market.listing.value(reference, ticket.quantity) else {
            throw .filter("NOTIONAL")
        }
        try checkNotional(value, market.listing)
    }

    private func checkNotional(_ value: Int64, _ listing: Listing) throws(ExchangeRefusal) {
        let instrument = listing.instrument
        let most = instrument.maxNotional.units
        guard value >= instrument.minNotional.units, most == 0 || value <= most else {
            throw .filter("NOTIONAL")
        }
    }

    /// Lots that `value` buys or must be sold for, walking the book from its best price.
    private func lots(forValue value: Int64, _ side: Side, _ market: Market) -> Int64 {
        var left = value
        var lots: Int64 = 0
        for level in market.depth(side.opposite, limit: 5_000) {
            let unit = level.price * market.listing.valueUnits
            let taken = min(level.quantity, left / unit)
            lots += taken
            left -= taken * unit
            guard taken == level.quantity else { break }
        }
        return lots
    }
}
