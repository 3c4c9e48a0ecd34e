// OrderJSON.swift — orders, trades and reports in the venue's words and field order.
import Core

enum BinanceWords {
    static func side(_ side: Side) -> String { side == .buy ? "BUY" : "SELL" }

    static func type(_ type: OrderType) -> String {
        switch type {
        case .limit: "LIMIT"
        case .market: "MARKET"
        case .limitMaker: "LIMIT_MAKER"
        case .stopMarket: "STOP_LOSS"
        case .stopLimit: "STOP_LOSS_LIMIT"
        }
    }

    static func timeInForce(_ value: TimeInForce) -> String {
        switch value {
        case .gtc: "GTC"
        case .ioc: "IOC"
        case .fok: "FOK"
        }
    }

    static func status(_ status: ExchangeOrder.Status) -> String {
        switch status {
        case .new: "NEW"
        case .partiallyFilled: "PARTIALLY_FILLED"
        case .filled: "FILLED"
        case .canceled: "CANCELED"
        case .expired: "EXPIRED"
        case .expiredInMatch: "EXPIRED_IN_MATCH"
        }
    }

    static func execution(_ kind: OrderReport.Kind) -> String {
        switch kind {
        case .new: "NEW"
        case .canceled: "CANCELED"
        case .replaced: "REPLACED"
        case .trade: "TRADE"
        case .expired: "EXPIRED"
        }
    }

    static func expiry(_ expiry: OrderReport.Expiry) -> String? {
        switch expiry {
        case .none, .selfTrade: nil
        case .unfilledIOC: "UNFILLED_IOC_QUANTITY_EXPIRED"
        case .unfilledFOK: "UNFILLED_FOK_ORDER_EXPIRED"
        case .noLiquidity: "INSUFFICIENT_LIQUIDITY"
        }
    }

    /// Own orders never trade with each other: the newer one expires.
    static let selfTradePrevention = "EXPIRE_TAKER"
}

/// Writes the orders of one pair.
struct OrderJSON {
    let listing: Listing

    private func price(_ ticks: Int64) -> Int64 { ticks * listing.tickUnits }
    private func quantity(_ lots: Int64) -> Int64 { lots * listing.lotUnits }

    private func isStop(_ order: ExchangeOrder) -> Bool {
        order.ticket.type == .stopMarket || order.ticket.type == .stopLimit
    }

    // MARK: Answers to requests

    enum Detail { case acknowledgement, result, full }

    /// Answer to a new order; `fills` only matter for `.full`.
    func placed(
        _ json: inout JSONWriter, _ order: ExchangeOrder, _ detail: Detail, fills: [AccountTrade]
    ) {
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("orderId", Int64(order.id))
            json.member("orderListId", -1)
            json.member("clientOrderId", order.clientID)
            json.member("transactTime", order.updated)
            guard detail != .acknowledgement else { return }
            amounts(&json, order)
            if isStop(order) { json.member("stopPrice", amount: price(order.ticket.stopPrice)) }
            json.member("workingTime", order.workingTime)
            json.member("selfTradePreventionMode", BinanceWords.selfTradePrevention)
            guard detail == .full else { return }
            json.member("fills", array: { json in fills.forEach { fill(&json, $0) } })
        }
    }

    private func fill(_ json: inout JSONWriter, _ trade: AccountTrade) {
        json.object { json in
            json.member("price", amount: price(trade.price))
            json.member("qty", amount: quantity(trade.quantity))
            json.member("commission", amount: trade.commission)
            json.member("commissionAsset", trade.commissionAsset)
            json.member("tradeId", trade.id)
        }
    }

    func canceled(_ json: inout JSONWriter, _ order: ExchangeOrder, requestID: String) {
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("origClientOrderId", order.clientID)
            json.member("orderId", Int64(order.id))
            json.member("orderListId", -1)
            json.member("clientOrderId", requestID)
            json.member("transactTime", order.updated)
            amounts(&json, order)
            if isStop(order) { json.member("stopPrice", amount: price(order.ticket.stopPrice)) }
            json.member("selfTradePreventionMode", BinanceWords.selfTradePrevention)
        }
    }

    func queried(_ json: inout JSONWriter, _ order: ExchangeOrder) {
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("orderId", Int64(order.id))
            json.member("orderListId", -1)
            json.member("clientOrderId", order.clientID)
            amounts(&json, order)
            json.member("stopPrice", amount: price(order.ticket.stopPrice))
            json.member("icebergQty", amount: 0)
            json.member("time", order.created)
            json.member("updateTime", order.updated)
            json.member("isWorking", order.isWorking)
            json.member("workingTime", order.workingTime)
            json.member("selfTradePreventionMode", BinanceWords.selfTradePrevention)
        }
    }

    func amended(
        _ json: inout JSONWriter, _ order: ExchangeOrder, originalID: String, executionID: Int64
    ) {
        json.object { json in
            json.member("transactTime", order.updated)
            json.member("executionId", executionID)
            json.member(
                "amendedOrder",
                object: { json in
                    json.member("symbol", listing.symbol)
                    json.member("orderId", Int64(order.id))
                    json.member("orderListId", -1)
                    json.member("origClientOrderId", originalID)
                    json.member("clientOrderId", order.clientID)
                    json.member("price", amount: price(order.ticket.price))
                    json.member("qty", amount: quantity(order.ticket.quantity))
                    json.member("executedQty", amount: quantity(order.executed))
                    json.member("preventedQty", amount: 0)
                    json.member("quoteOrderQty", amount: order.ticket.quoteQuantity)
                    json.member("cumulativeQuoteQty", amount: order.executedValue)
                    state(&json, order)
                    json.member("workingTime", order.workingTime)
                    json.member("selfTradePreventionMode", BinanceWords.selfTradePrevention)
                })
        }
    }

    private func amounts(_ json: inout JSONWriter, _ order: ExchangeOrder) {
        json.member("price", amount: price(order.ticket.price))
        json.member("origQty", amount: quantity(order.ticket.quantity))
        json.member("executedQty", amount: quantity(order.executed))
        json.member("origQuoteOrderQty", amount: order.ticket.quoteQuantity)
        json.member("cummulativeQuoteQty", amount: order.executedValue)
        state(&json, order)
    }

    private func state(_ json: inout JSONWriter, _ order: ExchangeOrder) {
        json.member("status", BinanceWords.status(order.status))
        json.member("timeInForce", BinanceWords.timeInForce(order.ticket.timeInForce))
        json.member("type", BinanceWords.type(order.ticket.type))
        json.member("side", BinanceWords.side(order.ticket.side))
    }

    func trade(_ json: inout JSONWriter, _ trade: AccountTrade) {
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("id", trade.id)
            json.member("orderId", Int64(trade.order))
            json.member("orderListId", -1)
            json.member("price", amount: price(trade.price))
            json.member("qty", amount: quantity(trade.quantity))
            json.member("quoteQty", amount: trade.value)
            json.member("commission", amount: trade.commission)
            json.member("commissionAsset", trade.commissionAsset)
            json.member("time", trade.time)
            json.member("isBuyer", trade.side == .buy)
            json.member("isMaker", trade.isMaker)
            json.member("isBestMatch", true)
        }
    }

    // MARK: User data

    func executionReport(_ json: inout JSONWriter, _ report: OrderReport) {
        let order = report.order
        let trade = report.trade
        json.object { json in
            json.member("e", "executionReport")
            json.member("E", report.time)
            json.member("s", listing.symbol)
            json.member("c", report.requestID)
            json.member("S", BinanceWords.side(order.ticket.side))
            json.member("o", BinanceWords.type(order.ticket.type))
            json.member("f", BinanceWords.timeInForce(order.ticket.timeInForce))
            json.member("q", amount: quantity(order.ticket.quantity))
            json.member("p", amount: price(order.ticket.price))
            json.member("P", amount: price(order.ticket.stopPrice))
            json.member("F", amount: 0)
            json.member("g", -1)
            json.member("C", report.originalID)
            json.member("x", execution(report))
            json.member("X", BinanceWords.status(order.status))
            json.member("r", "NONE")
            json.member("i", Int64(order.id))
            json.member("l", amount: quantity(trade?.quantity ?? 0))
            json.member("z", amount: quantity(order.executed))
            json.member("L", amount: price(trade?.price ?? 0))
            json.member("n", amount: trade?.commission ?? 0)
            json.name("N")
            trade.map { json.value($0.commissionAsset) } ?? json.null()
            reportTail(&json, report)
        }
    }

    private func execution(_ report: OrderReport) -> String {
        report.order.status == .expiredInMatch && report.kind == .expired
            ? "TRADE_PREVENTION" : BinanceWords.execution(report.kind)
    }

    private func reportTail(_ json: inout JSONWriter, _ report: OrderReport) {
        let order = report.order
        json.member("T", report.time)
        json.member("t", report.trade?.id ?? -1)
        json.member("I", report.executionID)
        json.member("w", order.status.isOpen && order.isWorking)
        json.member("m", report.trade?.isMaker ?? false)
        json.member("M", report.trade != nil)
        json.member("O", order.created)
        json.member("Z", amount: order.executedValue)
        json.member("Y", amount: report.trade?.value ?? 0)
        json.member("Q", amount: order.ticket.quoteQuantity)
        if order.workingTime >= 0 { json.member("W", order.workingTime) }
        json.member("V", BinanceWords.selfTradePrevention)
        if let reason = BinanceWords.expiry(report.expiry) { json.member("eR", reason) }
    }

    static func accountPosition(
        _ json: inout JSONWriter, _ account: Account, assets: [String], now: Int64
    ) {
        json.object { json in
            json.member("e", "outboundAccountPosition")
            json.member("E", now)
            json.member("u", account.updated)
            json.member(
                "B",
                array: { json in
                    for asset in assets {
                        let balance = account.balances[asset] ?? AssetBalance()
                        json.object { json in
                            json.member("a", asset)
                            json.member("f", amount: balance.free)
                            json.member("l", amount: balance.locked)
                        }
                    }
                })
        }
    }
}
