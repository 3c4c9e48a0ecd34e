// BinanceProtocol+Orders.swift — placing, cancelling, amending and finding orders.
import Core

extension BinanceProtocol {
    func placeOrder(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let ticket = try ticket(call.parameters, listing(market))
        let detail = try detail(call.parameters, ticket.type)
        try checkTroubles(ticket, market, now: call.now)
        try limits.addOrder(call.trader, now: call.now)
        let order: ExchangeOrder
        do {
            order = try exchange.place(
                ticket, market: market, account: call.trader, now: call.now)
        } catch {
            throw BinanceError(error)
        }
        if order.executed > 0 { limits.giveBackOrder(call.trader, now: call.now) }
        lastPlaced = order.id
        let fills = (exchange.trades[call.trader] ?? []).suffix(Self.recentTrades)
            .filter { $0.order == order.id }
        return JSONWriter.write { json in
            OrderJSON(listing: listing(market)).placed(&json, order, detail, fills: fills)
        }
    }

    /// What the venue refuses of a sound order for now.
    private func checkTroubles(
        _ ticket: OrderTicket, _ market: Int, now: Int64
    ) throws(BinanceError) {
        guard troubles.status(of: market, elapsed(now)) == .trading else { throw .marketClosed }
        guard ticket.price % troubles.stepFactor(of: market) == 0 else {
            throw .filter("PRICE_FILTER")
        }
    }

    /// Enough to hold every fill of one order that has just been placed.
    private static let recentTrades = 5_000

    private func detail(
        _ parameters: Parameters, _ type: OrderType
    ) throws(BinanceError) -> OrderJSON.Detail {
        switch try parameters.optional("newOrderRespType") {
        case nil: return type == .limit || type == .market ? .full : .acknowledgement
        case "ACK": return .acknowledgement
        case "RESULT": return .result
        case "FULL": return .full
        default: throw .invalid("newOrderRespType")
        }
    }

    func testOrder(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let ticket = try ticket(call.parameters, listing(market))
        do {
            try exchange.test(ticket, market: market, account: call.trader, now: call.now)
        } catch {
            throw BinanceError(error)
        }
        return Array("{}".utf8)
    }

    // MARK: Cancel and amend

    func cancelOrder(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let requestID = try call.parameters.clientID("newClientOrderId") ?? randomClientID()
        let order = try find(call, market: market, missing: .unknownOrder)
        guard order.status.isOpen else { throw .unknownOrder }
        try checkRestrictions(call.parameters, order)
        let canceled = try cancel(order.id, call, requestID: requestID)
        return JSONWriter.write { json in
            OrderJSON(listing: listing(market)).canceled(&json, canceled, requestID: requestID)
        }
    }

    private func checkRestrictions(
        _ parameters: Parameters, _ order: ExchangeOrder
    ) throws(BinanceError) {
        let wanted: ExchangeOrder.Status
        switch try parameters.optional("cancelRestrictions") {
        case nil: return
        case "ONLY_NEW": wanted = .new
        case "ONLY_PARTIALLY_FILLED": wanted = .partiallyFilled
        default: throw .badCancelRestrictions
        }
        guard order.status == wanted else {
            throw .cancelRejected("Order was not canceled due to cancel restrictions.")
        }
    }

    private func cancel(
        _ id: UInt64, _ call: Call, requestID: String
    ) throws(BinanceError) -> ExchangeOrder {
        do {
            return try exchange.cancel(
                id, account: call.trader, requestID: requestID, now: call.now)
        } catch {
            throw BinanceError(error)
        }
    }

    func cancelOpenOrders(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let open = exchange.openOrders(of: call.trader, market: market)
        guard !open.isEmpty else { throw .unknownOrder }
        let requestID = randomClientID()
        var canceled: [ExchangeOrder] = []
        for order in open { canceled.append(try cancel(order.id, call, requestID: requestID)) }
        return JSONWriter.write { json in
            json.array { json in
                for order in canceled {
                    OrderJSON(listing: listing(market)).canceled(
                        &json, order, requestID: requestID)
                }
            }
        }
    }

    func amendOrder(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let quantity = try lots(call.parameters.amount("newQty"), "newQty", listing(market))
        let newID = try call.parameters.clientID("newClientOrderId") ?? randomClientID()
        let order = try find(call, market: market, missing: .noSuchOrder)
        do {
            let amended = try exchange.amend(
                order.id, quantity: quantity, clientID: newID, account: call.trader,
                now: call.now)
            return JSONWriter.write { json in
                OrderJSON(listing: listing(market)).amended(
                    &json, amended.order, originalID: order.clientID,
                    executionID: amended.executionID)
            }
        } catch {
            throw BinanceError(error)
        }
    }

    // MARK: Find

    /// By `orderId`, else by `origClientOrderId`: an open order first, then the newest.
    private func find(
        _ call: Call, market: Int, missing: BinanceError
    ) throws(BinanceError) -> ExchangeOrder {
        let id = try call.parameters.optionalInteger("orderId")
        let clientID = try call.parameters.optional("origClientOrderId")
        if let id {
            guard let order = exchange.orders[UInt64(id)], order.account == call.trader,
                order.market == market, clientID == nil || clientID == order.clientID
            else { throw missing }
            return order
        }
        guard let clientID else { throw .missingBoth("origClientOrderId", "orderId") }
        if let open = exchange.openOrder(clientID, of: call.trader),
            let order = exchange.orders[open], order.market == market
        {
            return order
        }
        let newest = exchange.allOrders(of: call.trader, market: market)
            .last { $0.clientID == clientID }
        guard let newest else { throw missing }
        return newest
    }

    func orderStatus(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let order = try find(call, market: market, missing: .noSuchOrder)
        return JSONWriter.write { OrderJSON(listing: listing(market)).queried(&$0, order) }
    }

    func openOrders(_ call: Call) throws(BinanceError) -> [UInt8] {
        let chosen = call.parameters["symbol"] == nil ? nil : try market(call.parameters)
        return write(exchange.openOrders(of: call.trader, market: chosen))
    }

    func allOrders(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let limit = try call.parameters.limit(standard: 500, most: 1_000)
        let fromID = try call.parameters.optionalInteger("orderId")
        let start = try call.parameters.optionalTime("startTime")
        let end = try call.parameters.optionalTime("endTime") ?? .max
        let within = exchange.allOrders(of: call.trader, market: market).filter {
            $0.id >= UInt64(fromID ?? 0) && $0.created >= start ?? 0 && $0.created <= end
        }
        let isForward = fromID != nil || start != nil
        return write(isForward ? Array(within.prefix(limit)) : within.suffix(limit))
    }

    private func write(_ orders: [ExchangeOrder]) -> [UInt8] {
        JSONWriter.write { json in
            json.array { json in
                for order in orders {
                    OrderJSON(listing: listing(order.market)).queried(&json, order)
                }
            }
        }
    }
}
