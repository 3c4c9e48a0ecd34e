// OrderParameters.swift — from the parameters of a new order to a ticket, or the venue's refusal.
import Core

extension BinanceProtocol {
    /// Reads and checks everything about a new order that needs no market.
    func ticket(_ parameters: Parameters, _ listing: Listing) throws(BinanceError) -> OrderTicket {
        let side = try side(parameters)
        let type = try orderType(parameters)
        try refuseUnsupported(parameters)
        let clientID = try parameters.clientID("newClientOrderId")
        var ticket = OrderTicket(side: side, type: type, clientID: clientID ?? randomClientID())
        ticket.timeInForce = try timeInForce(parameters, type)
        try readPrices(parameters, listing, into: &ticket)
        try readQuantity(parameters, listing, into: &ticket)
        return ticket
    }

    private func side(_ parameters: Parameters) throws(BinanceError) -> Side {
        switch try parameters.text("side") {
        case "BUY": return .buy
        case "SELL": return .sell
        default: throw .badSide
        }
    }

    private func orderType(_ parameters: Parameters) throws(BinanceError) -> OrderType {
        switch try parameters.text("type") {
        case "LIMIT": return .limit
        case "MARKET": return .market
        case "LIMIT_MAKER": return .limitMaker
        case "STOP_LOSS": return .stopMarket
        case "STOP_LOSS_LIMIT": return .stopLimit
        case "TAKE_PROFIT":
            throw .rejected("Take profit orders are not supported for this symbol.")
        case "TAKE_PROFIT_LIMIT":
            throw .rejected("Take profit limit orders are not supported for this symbol.")
        default: throw .badOrderType
        }
    }

    private func refuseUnsupported(_ parameters: Parameters) throws(BinanceError) {
        if try parameters.optionalAmount("icebergQty") ?? 0 > 0 {
            throw .rejected("Iceberg orders are not supported for this symbol.")
        }
        if try parameters.optionalInteger("trailingDelta") != nil {
            throw .rejected("Trailing stop orders are not supported for this symbol.")
        }
        let prevention = try parameters.optional("selfTradePreventionMode")
        guard prevention == nil || prevention == BinanceWords.selfTradePrevention else {
            throw .invalid("selfTradePreventionMode")
        }
    }

    private func timeInForce(
        _ parameters: Parameters, _ type: OrderType
    ) throws(BinanceError) -> TimeInForce {
        guard type == .limit || type == .stopLimit else {
            guard parameters["timeInForce"] == nil else { throw .notRequired("timeInForce") }
            return .gtc
        }
        switch try parameters.text("timeInForce") {
        case "GTC": return .gtc
        case "IOC": return .ioc
        case "FOK": return .fok
        default: throw .badTimeInForce
        }
    }

    private func readPrices(
        _ parameters: Parameters, _ listing: Listing, into ticket: inout OrderTicket
    ) throws(BinanceError) {
        let isStop = ticket.type == .stopMarket || ticket.type == .stopLimit
        if ticket.type == .market || ticket.type == .stopMarket {
            guard parameters["price"] == nil else { throw .notRequired("price") }
        } else {
            ticket.price = try ticks(parameters.amount("price"), "price", listing)
        }
        if isStop {
            guard let units = try parameters.optionalAmount("stopPrice") else {
                throw .missingBoth("stopPrice", "trailingDelta")
            }
            ticket.stopPrice = try ticks(units, "stopPrice", listing)
        } else if parameters["stopPrice"] != nil {
            throw .notRequired("stopPrice")
        }
    }

    private func ticks(
        _ units: Int64, _ name: String, _ listing: Listing
    ) throws(BinanceError) -> Int64 {
        guard units > 0 else { throw BinanceError(-1013, "Invalid \(name).") }
        guard units % listing.tickUnits == 0 else { throw .filter("PRICE_FILTER") }
        return units / listing.tickUnits
    }

    private func readQuantity(
        _ parameters: Parameters, _ listing: Listing, into ticket: inout OrderTicket
    ) throws(BinanceError) {
        if ticket.type == .market, let value = try parameters.optionalAmount("quoteOrderQty") {
            guard parameters["quantity"] == nil else { throw .badCombination }
            guard value > 0 else { throw BinanceError(-1013, "Invalid quoteOrderQty.") }
            ticket.quoteQuantity = value
            return
        }
        if ticket.type == .market, parameters["quantity"] == nil {
            throw .missingBoth("quantity", "quoteOrderQty")
        }
        guard parameters["quoteOrderQty"] == nil else { throw .notRequired("quoteOrderQty") }
        ticket.quantity = try lots(parameters.amount("quantity"), "quantity", listing)
    }

    func lots(_ units: Int64, _ name: String, _ listing: Listing) throws(BinanceError) -> Int64 {
        guard units > 0 else { throw BinanceError(-1013, "Invalid \(name).") }
        guard units % listing.lotUnits == 0 else { throw .filter("LOT_SIZE") }
        return units / listing.lotUnits
    }

    /// 22 letters and digits, as the venue makes them.
    func randomClientID() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<22).map { _ in alphabet[Int(random.below(UInt64(alphabet.count)))] })
    }
}
