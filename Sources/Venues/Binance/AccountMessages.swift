// AccountMessages.swift — account, orders and trades as REST and the WebSocket API write them.
import Core
import VenueKit

struct ServerTime: Decodable, Sendable {
    /// Milliseconds.
    let serverTime: Int64
}

struct TickerPrice: Decodable, Sendable {
    let symbol: String
    let price: String
}

struct RateLimit: Decodable, Sendable, Hashable {
    let rateLimitType: String
    let interval: String
    let intervalNum: Int
    let limit: Int
    let count: Int?
}

struct AccountMessage: Decodable, Sendable {
    struct Row: Decodable, Sendable {
        let asset: String
        let free: String
        let locked: String
    }

    let balances: [Row]

    func values() throws(CoreError) -> [AccountBalance] {
        var result: [AccountBalance] = []
        for row in balances {
            result.append(
                AccountBalance(
                    asset: row.asset, free: try exactMoney(row.free),
                    locked: try exactMoney(row.locked)))
        }
        return result
    }
}

struct OrderMessage: Decodable, Sendable {
    let symbol: String
    let orderId: Int64
    let clientOrderId: String
    let price: String
    let origQty: String
    let executedQty: String
    let status: String
    let side: String

    func value(_ instrument: Instrument) throws(CoreError) -> VenueOrder {
        guard symbol == instrument.symbol else {
            throw CoreError(.invalid, "an order of \(symbol) among those of \(instrument.symbol)")
        }
        return VenueOrder(
            id: orderId, clientID: clientOrderId, side: try readSide(side), state: state,
            price: try instrument.price(price), quantity: try instrument.quantity(origQty),
            filled: try instrument.quantity(executedQty))
    }

    var state: VenueOrder.State {
        switch status {
        case "NEW", "PENDING_NEW", "PARTIALLY_FILLED", "PENDING_CANCEL": .open
        case "FILLED": .filled
        case "CANCELED": .canceled
        case "REJECTED": .rejected
        case "EXPIRED", "EXPIRED_IN_MATCH": .expired
        default: .unknown(status)
        }
    }
}

struct TradeMessage: Decodable, Sendable {
    let symbol: String
    let id: Int64
    let orderId: Int64
    let price: String
    let qty: String
    let commission: String
    let commissionAsset: String
    /// Milliseconds.
    let time: Int64
    let isBuyer: Bool
    let isMaker: Bool

    func value(_ instrument: Instrument) throws(CoreError) -> VenueTrade {
        guard symbol == instrument.symbol else {
            throw CoreError(.invalid, "a trade of \(symbol) among those of \(instrument.symbol)")
        }
        let price = try instrument.price(price)
        let quantity = try instrument.quantity(qty)
        guard price.ticks > 0, quantity.lots > 0 else {
            throw CoreError(.invalid, "trade \(id) has no price or no quantity")
        }
        return VenueTrade(
            id: id, order: orderId, side: isBuyer ? .buy : .sell, isMaker: isMaker,
            price: price, quantity: quantity,
            fee: try exactMoney(commission), feeAsset: commissionAsset,
            time: try nanoseconds(milliseconds: time))
    }
}

private func readSide(_ text: String) throws(CoreError) -> Side {
    switch text {
    case "BUY": .buy
    case "SELL": .sell
    default: throw CoreError(.invalid, "\"\(text)\" is no side")
    }
}

/// Not negative.
func exactMoney(_ text: String) throws(CoreError) -> Money {
    let units = try Decimals.read(text, decimals: Money.decimals)
    guard units >= 0 else { throw CoreError(.invalid, "\"\(text)\" is negative") }
    return Money(units: units)
}

func nanoseconds(milliseconds: Int64) throws(CoreError) -> Int64 {
    let (result, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    guard !overflow, milliseconds >= 0 else {
        throw CoreError(.invalid, "\(milliseconds) is no time in milliseconds")
    }
    return result
}
