// BotSession+Place.swift — an order by hand through the admin socket; it passes the same gate.
import Core

extension BotSession {
    /// Arguments `symbol`, `side`, `quantity`; with `price` it is a limit order that rests until
    /// cancelled, without one a market order. `reduce_only` = `true` lets it only reduce.
    func operatorOrder(_ request: AdminRequest) throws(AdminRefusal) -> OperatorOrder {
        let arguments = request.arguments
        guard let symbol = arguments["symbol"],
            let slot = instruments.firstIndex(where: { $0.symbol == symbol })
        else { throw AdminRefusal(text: "place needs a symbol that is traded here") }
        guard let side = Side(arguments["side"] ?? "") else {
            throw AdminRefusal(text: "place needs a side: buy or sell")
        }
        let instrument = instruments[slot]
        let quantity: Quantity
        let price: Price?
        do throws(CoreError) {
            quantity = try instrument.quantity(arguments["quantity"] ?? "")
            price = try arguments["price"].map { text throws(CoreError) in
                try instrument.price(text)
            }
        } catch {
            throw AdminRefusal(text: "place needs a quantity and may have a price: \(error.text)")
        }
        var order = OperatorOrder(
            instrument: InstrumentID(slot: UInt32(slot)), side: side,
            type: price == nil ? .market : .limit, quantity: quantity)
        if let price { order.price = price }
        order.reduceOnly = arguments["reduce_only"] == "true"
        return order
    }
}

/// The request cannot be carried out as it is.
struct AdminRefusal: Error {
    var text: String
}

extension Side {
    fileprivate init?(_ text: String) {
        switch text {
        case "buy": self = .buy
        case "sell": self = .sell
        default: return nil
        }
    }
}
