// Operation.swift — what can be asked of the venue, by REST path or WebSocket method.

/// One thing that a client can ask for; REST and WebSocket API answer with the same `result`.
enum Operation: CaseIterable {
    case ping, time, exchangeInfo
    case depth, trades, aggregateTrades, klines, averagePrice
    case ticker24, tickerPrice, tickerBook
    case orderPlace, orderTest, orderCancel, orderStatus, orderAmend
    case openOrders, cancelOpenOrders, allOrders, myTrades
    case account, commission, orderLimits

    /// Signed requests name an account.
    var isSigned: Bool {
        switch self {
        case .ping, .time, .exchangeInfo, .depth, .trades, .aggregateTrades, .klines,
            .averagePrice, .ticker24, .tickerPrice, .tickerBook:
            false
        case .orderPlace, .orderTest, .orderCancel, .orderStatus, .orderAmend, .openOrders,
            .cancelOpenOrders, .allOrders, .myTrades, .account, .commission, .orderLimits:
            true
        }
    }

    /// Answers carry the order counts.
    var countsOrders: Bool { self == .orderPlace }

    func weight(_ parameters: Parameters) -> Int {
        let hasSymbol = parameters["symbol"] != nil
        switch self {
        case .ping, .time, .orderPlace, .orderTest, .orderCancel, .cancelOpenOrders: return 1
        case .exchangeInfo, .allOrders, .account, .commission: return 20
        case .depth:
            switch Int(parameters["limit"] ?? "") ?? 100 {
            case ...100: return 5
            case ...500: return 25
            case ...1_000: return 50
            default: return 250
            }
        case .trades: return 25
        case .aggregateTrades, .orderStatus, .orderAmend: return 4
        case .klines, .averagePrice: return 2
        case .ticker24: return hasSymbol ? 2 : 80
        case .tickerPrice, .tickerBook: return hasSymbol ? 2 : 4
        case .openOrders: return hasSymbol ? 6 : 80
        case .myTrades: return parameters["orderId"] != nil ? 5 : 20
        case .orderLimits: return 40
        }
    }

    /// By "METHOD path".
    static let rest: [String: Operation] = [
        "GET /api/v3/ping": .ping,
        "GET /api/v3/time": .time,
        "GET /api/v3/exchangeInfo": .exchangeInfo,
        "GET /api/v3/depth": .depth,
        "GET /api/v3/trades": .trades,
        "GET /api/v3/aggTrades": .aggregateTrades,
        "GET /api/v3/klines": .klines,
        "GET /api/v3/uiKlines": .klines,
        "GET /api/v3/avgPrice": .averagePrice,
        "GET /api/v3/ticker/24hr": .ticker24,
        "GET /api/v3/ticker/price": .tickerPrice,
        "GET /api/v3/ticker/bookTicker": .tickerBook,
        "POST /api/v3/order": .orderPlace,
        "POST /api/v3/order/test": .orderTest,
        "DELETE /api/v3/order": .orderCancel,
        "GET /api/v3/order": .orderStatus,
        "PUT /api/v3/order/amend/keepPriority": .orderAmend,
        "GET /api/v3/openOrders": .openOrders,
        "DELETE /api/v3/openOrders": .cancelOpenOrders,
        "GET /api/v3/allOrders": .allOrders,
        "GET /api/v3/myTrades": .myTrades,
        "GET /api/v3/account": .account,
        "GET /api/v3/account/commission": .commission,
        "GET /api/v3/rateLimit/order": .orderLimits,
    ]

    /// By method of the WebSocket API.
    static let webSocket: [String: Operation] = [
        "ping": .ping,
        "time": .time,
        "exchangeInfo": .exchangeInfo,
        "depth": .depth,
        "trades.recent": .trades,
        "trades.aggregate": .aggregateTrades,
        "klines": .klines,
        "uiKlines": .klines,
        "avgPrice": .averagePrice,
        "ticker.24hr": .ticker24,
        "ticker.price": .tickerPrice,
        "ticker.book": .tickerBook,
        "order.place": .orderPlace,
        "order.test": .orderTest,
        "order.cancel": .orderCancel,
        "order.status": .orderStatus,
        "order.amend.keepPriority": .orderAmend,
        "openOrders.status": .openOrders,
        "openOrders.cancelAll": .cancelOpenOrders,
        "allOrders": .allOrders,
        "myTrades": .myTrades,
        "account.status": .account,
        "account.commission": .commission,
        "account.rateLimits.orders": .orderLimits,
    ]
}

/// One request, checked and attributed.
struct Call {
    let parameters: Parameters
    /// Set for signed operations.
    let account: AccountID?
    /// Milliseconds UTC.
    let now: Int64

    /// The account of a signed request.
    var trader: AccountID {
        guard let account else { preconditionFailure("signed operations run with an account") }
        return account
    }
}
