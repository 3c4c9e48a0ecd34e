// ExchangeOrder.swift — an account's order as the exchange remembers it, and what it reports.
import Core

/// What a client asks for, in ticks and lots.
package struct OrderTicket: Sendable {
    package var side: Side
    package var type: OrderType
    package var timeInForce: TimeInForce
    package var price: Int64
    package var stopPrice: Int64
    package var quantity: Int64
    /// Units of 1e-8 of the quote; a market order by value when positive.
    package var quoteQuantity: Int64
    package var clientID: String

    package init(
        side: Side, type: OrderType, timeInForce: TimeInForce = .gtc, price: Int64 = 0,
        stopPrice: Int64 = 0, quantity: Int64 = 0, quoteQuantity: Int64 = 0, clientID: String
    ) {
        self.side = side
        self.type = type
        self.timeInForce = timeInForce
        self.price = price
        self.stopPrice = stopPrice
        self.quantity = quantity
        self.quoteQuantity = quoteQuantity
        self.clientID = clientID
    }
}

package struct ExchangeOrder: Sendable {
    package enum Status: Sendable {
        case new, partiallyFilled, filled, canceled, expired, expiredInMatch

        package var isOpen: Bool { self == .new || self == .partiallyFilled }
    }

    package let id: UInt64
    package let account: AccountID
    package let market: Int
    package var ticket: OrderTicket
    package var status = Status.new
    package var executed: Int64 = 0
    /// Units of 1e-8 of the quote.
    package var executedValue: Int64 = 0
    /// What is still locked for this order, units of 1e-8 of its lock asset.
    package var locked: Int64 = 0
    /// False while a stop waits for its price.
    package var isWorking: Bool
    /// Milliseconds UTC.
    package let created: Int64
    package var updated: Int64
    package var workingTime: Int64
    package var amendments = 0

    package var clientID: String { ticket.clientID }
    package var remaining: Int64 { ticket.quantity - executed }
}

/// One trade of one account's order.
package struct AccountTrade: Sendable {
    package let id: Int64
    package let order: UInt64
    package let market: Int
    package let side: Side
    package let price: Int64
    package let quantity: Int64
    package let value: Int64
    package let commission: Int64
    package let commissionAsset: String
    package let isMaker: Bool
    package let time: Int64
}

/// A public trade.
package struct PublicTrade: Sendable, Equatable {
    package let id: Int64
    package let price: Int64
    package let quantity: Int64
    package let value: Int64
    package let aggressor: Side
    package let time: Int64
}

/// Consecutive public trades of one taker at one price.
package struct AggregateTrade: Sendable, Equatable {
    package let id: Int64
    package let price: Int64
    package var quantity: Int64
    package let firstTrade: Int64
    package var lastTrade: Int64
    package let aggressor: Side
    package let time: Int64
}

/// What an account is told about its order: one per state change.
package struct OrderReport: Sendable {
    package enum Kind: Sendable {
        case new, canceled, replaced, trade, expired
    }
    package enum Expiry: Sendable {
        case none, unfilledIOC, unfilledFOK, noLiquidity, selfTrade
    }

    package let kind: Kind
    package var expiry = Expiry.none
    /// The order after the change.
    package let order: ExchangeOrder
    /// The id of the request that caused it; differs from the order's on cancels.
    package let requestID: String
    /// The order's earlier client id, where the request replaced it; else empty.
    package let originalID: String
    package let trade: AccountTrade?
    package let executionID: Int64
    package let time: Int64
}

/// Why an order or a cancel was not taken; nothing has changed then.
package enum ExchangeRefusal: Error, Equatable, Sendable {
    case filter(String)
    case insufficientBalance
    case wouldTake
    case wouldTrigger
    case duplicateClientID
    case tooLittleLiquidity
    case valueTooLow
    case unknownOrder
    case notLower
    case tooManyAmendments
}

/// The best of both sides after a change.
package struct Quote: Sendable, Equatable {
    package let updateID: Int64
    package let bid: MatchingEngine.Level?
    package let ask: MatchingEngine.Level?
}

/// Everything that leaves the exchange, in the order in which it happened.
package enum ExchangeEvent: Sendable {
    case trade(market: Int, PublicTrade)
    case aggregate(market: Int, AggregateTrade)
    /// Best price or its quantity changed.
    case quote(market: Int, Quote)
    case report(OrderReport)
    case balances(AccountID, assets: [String])
}
