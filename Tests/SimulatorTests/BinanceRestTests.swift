// BinanceRestTests.swift — the documented errors, each by its own mistake, and the main answers.
import Core
import Foundation
import Simulator
import Testing

@Suite("Binance REST") struct BinanceRestTests {
    private let test: TestVenue

    init() throws {
        test = try TestVenue()
        test.makeBook()
    }

    // MARK: Authorization

    @Test("Names what is wrong with key, time and signature")
    func refusesUnauthorized() {
        #expect(test.rest("GET", "account", query: "timestamp=\(test.now)").code == -2014)
        #expect(
            test.signed("GET", "account", "", key: String(repeating: "z", count: 64)).code == -2015)
        let unsigned = test.rest(
            "GET", "account", query: "timestamp=\(test.now)", key: TestVenue.aliceKey)
        #expect(unsigned.code == -1102)
        #expect(unsigned.text?.contains("'signature'") == true)
        let untimed = test.rest("GET", "account", query: "signature=1", key: TestVenue.aliceKey)
        #expect(untimed.text?.contains("'timestamp'") == true)
        let forged = test.rest(
            "GET", "account", query: "timestamp=\(test.now)&signature=00", key: TestVenue.aliceKey)
        #expect(forged.code == -1022)
        #expect(forged.status == 400)
    }

    @Test(
        "Accepts a timestamp inside its window only",
        arguments: [(-5_000, 200), (-5_001, -1021), (999, 200), (1_000, -1021)])
    func checksTimestamp(lead: Int64, expected: Int) {
        let payload = "timestamp=\(test.now + lead)"
        let answer = test.rest(
            "GET", "account", query: payload + "&signature=" + TestVenue.hmac(payload),
            key: TestVenue.aliceKey)
        #expect((answer.code ?? answer.status) == expected)
    }

    @Test("Widens the window by recvWindow, up to a minute")
    func honoursReceiveWindow() {
        for (window, expected) in [("30000", 200), ("10000", -1021), ("60001", -1131)] {
            let payload = "recvWindow=\(window)&timestamp=\(test.now - 20_000)"
            let answer = test.rest(
                "GET", "account", query: payload + "&signature=" + TestVenue.hmac(payload),
                key: TestVenue.aliceKey)
            #expect((answer.code ?? answer.status) == expected)
        }
    }

    @Test("Verifies the signature over query and body as sent, in either case")
    func verifiesRawPayload() {
        let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
        let body = "quantity=1&price=90.00&timestamp=\(test.now)"
        let signature = TestVenue.hmac(query + body).uppercased()
        let answer = test.rest(
            "POST", "order", query: query, body: body + "&signature=" + signature,
            key: TestVenue.aliceKey)
        #expect(answer.status == 200)
        let swapped = test.rest(
            "POST", "order", query: body, body: query + "&signature=" + signature,
            key: TestVenue.aliceKey)
        #expect(swapped.code == -1022)
    }

    @Test("Verifies Ed25519 signatures")
    func verifiesEd25519() throws {
        let payload = "timestamp=\(test.now)"
        let signature = Base64.text(try test.sessionKey.sign(Array(payload.utf8)))
        let encoded = signature.replacingOccurrences(of: "+", with: "%2B")
            .replacingOccurrences(of: "/", with: "%2F").replacingOccurrences(of: "=", with: "%3D")
        let answer = test.rest(
            "GET", "account", query: payload + "&signature=" + encoded,
            key: TestVenue.aliceSessionKey)
        #expect(answer.status == 200)
        let other = test.rest(
            "GET", "account", query: payload + "1&signature=" + encoded,
            key: TestVenue.aliceSessionKey)
        #expect(other.code == -1021 || other.code == -1022)
    }

    // MARK: Orders

    @Test(
        "Refuses a nonsense order by the documented code",
        arguments: [
            ("side=BUY&type=LIMIT", -1102, "symbol"),
            ("symbol=NOSUCH&side=BUY&type=MARKET&quantity=1", -1121, "Invalid symbol."),
            ("symbol=BTCUSDT&side=HOLD&type=MARKET&quantity=1", -1117, "Invalid side."),
            ("symbol=BTCUSDT&side=BUY&type=MAYBE&quantity=1", -1116, "Invalid orderType."),
            ("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=90", -1102, "timeInForce"),
            (
                "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=X&quantity=1&price=90", -1115,
                "timeInForce"
            ),
            ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1", -1102, "price"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET", -1102, "quoteOrderQty"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=1", -1106, "price"),
            (
                "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&quoteOrderQty=1", -1128,
                "Combination"
            ),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=-1", -1100, "quantity"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=NaN", -1100, "quantity"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e400", -1100, "quantity"),
            (
                "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=99999999999999999999", -1108,
                "quantity"
            ),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000000001", -1111, "precision"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0", -1013, "Invalid quantity."),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&quantity=1", -1101, "Duplicate"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=", -1105, "empty"),
            (
                "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a%20b", -1100,
                "newClientOrderId"
            ),
            ("symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT&quantity=1", -2010, "Take profit orders"),
            ("symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1", -1102, "stopPrice"),
        ])
    func refusesNonsense(parameters: String, code: Int, text: String) {
        let answer = test.signed("POST", "order", parameters, asBody: true)
        #expect(answer.code == code)
        #expect(answer.text?.contains(text) == true, "\(answer.text ?? "")")
        #expect(answer.status == 400)
    }

    @Test(
        "Names the filter that an order fails",
        arguments: [
            ("90.001", "1", "PRICE_FILTER"), ("1000001", "1", "PRICE_FILTER"),
            ("90", "0.000001", "LOT_SIZE"), ("90", "9001", "LOT_SIZE"),
            ("90", "0.05", "NOTIONAL"), ("501", "1", "PERCENT_PRICE_BY_SIDE"),
        ])
    func namesFilters(price: String, quantity: String, filter: String) {
        test.house(.buy, 10_010, 100_000, takes: true)
        let answer = test.signed("POST", "order", TestVenue.limit("BUY", price, quantity))
        #expect(answer.code == -1013)
        #expect(answer.text == "Filter failure: \(filter)")
    }

    @Test("Tells the refusals of the engine apart by their text")
    func tellsRefusalsApart() {
        let poor = test.signed("POST", "order", TestVenue.limit("BUY", "99.00", "2000"))
        #expect(poor.code == -2010)
        #expect(poor.text == "Account has insufficient balance for requested action.")
        let maker = "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=1&price=100.10"
        #expect(
            test.signed("POST", "order", maker).text == "Order would immediately match and take.")
        let first = test.signed("POST", "order", TestVenue.limit("BUY", "90", "1", id: "same"))
        #expect(first.status == 200)
        let second = test.signed("POST", "order", TestVenue.limit("BUY", "90", "1", id: "same"))
        #expect(second.text == "Duplicate order sent.")
        test.house(.buy, 10_010, 1, takes: true)
        let stop = "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1&stopPrice=100"
        #expect(test.signed("POST", "order", stop).text == "Order would trigger immediately.")
    }

    @Test("A client id is free again once its order has ended")
    func reusesClientID() {
        let order = TestVenue.limit("BUY", "90", "1", id: "again")
        #expect(test.signed("POST", "order", order).status == 200)
        let cancel = "symbol=BTCUSDT&origClientOrderId=again"
        #expect(test.signed("DELETE", "order", cancel).object["status"] as? String == "CANCELED")
        #expect(test.signed("POST", "order", order).status == 200)
        #expect(test.signed("DELETE", "order", cancel).status == 200)
        let gone = test.signed("DELETE", "order", cancel)
        #expect(gone.code == -2011)
        #expect(gone.text == "Unknown order sent.")
        #expect(test.signed("GET", "order", "symbol=BTCUSDT&orderId=9").code == -2013)
    }

    @Test("Places, lists, amends and cancels, and keeps balances")
    func livesThroughAnOrder() throws {
        let placed = test.signed("POST", "order", TestVenue.limit("BUY", "99.50", "2", id: "life"))
        #expect(placed.object["status"] as? String == "NEW")
        #expect(placed.object["fills"] as? [String] == [])
        let id = try #require(placed.object["orderId"] as? Int)
        #expect(balance("USDT") == ["99801.00000000", "199.00000000"])

        let amended = test.signed(
            "PUT", "order/amend/keepPriority",
            "symbol=BTCUSDT&orderId=\(id)&newQty=1&newClientOrderId=life")
        #expect(
            (amended.object["amendedOrder"] as? [String: Any])?["qty"] as? String == "1.00000000")
        #expect(balance("USDT") == ["99900.50000000", "99.50000000"])

        let listed = test.signed("GET", "openOrders", "symbol=BTCUSDT").array
        #expect(listed.map { $0["orderId"] as? Int } == [id])
        #expect(listed.first?["origQty"] as? String == "1.00000000")
        #expect(test.signed("DELETE", "openOrders", "symbol=BTCUSDT").array.count == 1)
        #expect(balance("USDT") == ["100000.00000000", "0.00000000"])
        let history = test.signed("GET", "allOrders", "symbol=BTCUSDT").array
        #expect(history.map { $0["status"] as? String } == ["CANCELED"])
    }

    private func balance(_ asset: String) -> [String] {
        let balances = test.signed("GET", "account", "").object["balances"] as? [[String: Any]]
        let found = balances?.first { $0["asset"] as? String == asset }
        return [found?["free"] as? String ?? "", found?["locked"] as? String ?? ""]
    }

    @Test("Reports each fill with its commission, and again in the trade list")
    func reportsFills() {
        let order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.5"
        let placed = test.signed("POST", "order", order).object
        let fills = placed["fills"] as? [[String: Any]] ?? []
        #expect(fills.map { $0["price"] as? String } == ["100.10000000", "100.20000000"])
        #expect(fills.map { $0["qty"] as? String } == ["1.00000000", "0.50000000"])
        #expect(fills.map { $0["commission"] as? String } == ["0.00100000", "0.00050000"])
        #expect(fills.allSatisfy { $0["commissionAsset"] as? String == "BTC" })
        #expect(placed["cummulativeQuoteQty"] as? String == "150.20000000")
        let trades = test.signed("GET", "myTrades", "symbol=BTCUSDT").array
        #expect(trades.map { $0["id"] as? Int } == fills.map { $0["tradeId"] as? Int })
        let second = trades.last?["id"] as? Int ?? 0
        let later = test.signed("GET", "myTrades", "symbol=BTCUSDT&fromId=\(second)").array
        #expect(later.map { $0["id"] as? Int } == [second])
    }

    @Test("Lets IOC and FOK expire as the venue does")
    func expiresImmediateOrders() {
        let base = "symbol=BTCUSDT&side=BUY&type=LIMIT&price=100.10&quantity=2&timeInForce="
        let fok = test.signed("POST", "order", base + "FOK").object
        #expect(fok["status"] as? String == "EXPIRED")
        #expect(fok["executedQty"] as? String == "0.00000000")
        let ioc = test.signed("POST", "order", base + "IOC").object
        #expect(ioc["status"] as? String == "EXPIRED")
        #expect(ioc["executedQty"] as? String == "1.00000000")
    }

    @Test("Answers a test order without placing it")
    func testsOrders() {
        let answer = test.signed("POST", "order/test", TestVenue.limit("BUY", "90", "1"))
        #expect(answer.status == 200)
        #expect(test.signed("GET", "openOrders", "").array.isEmpty)
        let bad = test.signed("POST", "order/test", TestVenue.limit("BUY", "90.001", "1"))
        #expect(bad.code == -1013)
    }

    // MARK: Market

    @Test("Answers 404 where there is nothing")
    func answersNotFound() {
        #expect(test.rest("GET", "capital/config/getall").status == 404)
        #expect(test.rest("POST", "userDataStream").status == 404)
    }

    @Test("Tells the rules that it enforces")
    func tellsRules() throws {
        let symbols = test.rest("GET", "exchangeInfo").object["symbols"] as? [[String: Any]]
        let symbol = try #require(symbols?.first)
        #expect(symbol["symbol"] as? String == "BTCUSDT")
        #expect(symbol["status"] as? String == "TRADING")
        let filters = symbol["filters"] as? [[String: Any]] ?? []
        let names = filters.compactMap { $0["filterType"] as? String }
        #expect(
            Set(names).isSuperset(of: ["PRICE_FILTER", "LOT_SIZE", "NOTIONAL", "MAX_NUM_ORDERS"]))
        let price = filters.first { $0["filterType"] as? String == "PRICE_FILTER" }
        #expect(price?["tickSize"] as? String == "0.01000000")
    }

    @Test("Sums trades into candles and tickers")
    func sumsTrades() throws {
        test.house(.buy, 10_010, 30_000, takes: true)
        test.now += 1_000
        test.house(.sell, 10_000, 20_000, takes: true)
        let rows = test.rest("GET", "klines", query: "symbol=BTCUSDT&interval=1s").json as? [[Any]]
        let candles = try #require(rows)
        #expect(candles.count == 2)
        #expect(candles[0][4] as? String == "100.10000000")
        #expect(candles[1][4] as? String == "100.00000000")
        #expect(candles[1][5] as? String == "0.20000000")
        #expect(candles[0][9] as? String == "0.30000000")
        let minute =
            test.rest("GET", "klines", query: "symbol=BTCUSDT&interval=1m").json as? [[Any]]
        #expect(minute?.last?[8] as? Int == 2)
        let ticker = test.rest("GET", "ticker/24hr", query: "symbol=BTCUSDT").object
        #expect(ticker["volume"] as? String == "0.50000000")
        #expect(ticker["lastPrice"] as? String == "100.00000000")
        #expect(test.rest("GET", "klines", query: "symbol=BTCUSDT&interval=7s").code == -1120)
    }

    // MARK: Limits

    @Test("Counts weight, then answers 429 and later 418 with Retry-After")
    func limitsWeight() throws {
        var limits = RateLimitSettings()
        limits.weightPerMinute = 12
        limits.refusalsBeforeBan = 2
        let test = try TestVenue(limits: limits)
        test.now = 1_700_000_000_000 / 60_000 * 60_000 + 15_000
        let first = test.rest("GET", "depth", query: "symbol=BTCUSDT")
        #expect(first.headers["X-MBX-USED-WEIGHT-1M"] == "5")
        #expect(test.rest("GET", "depth", query: "symbol=BTCUSDT").status == 200)
        let refused = test.rest("GET", "depth", query: "symbol=BTCUSDT")
        #expect(refused.status == 429)
        #expect(refused.code == -1003)
        #expect(refused.headers["Retry-After"] == "45")
        _ = test.rest("GET", "ping")
        _ = test.rest("GET", "ping")
        #expect(test.rest("GET", "ping").status == 418)
    }

    @Test("Counts unfilled orders and gives filled ones back")
    func limitsOrders() throws {
        var limits = RateLimitSettings()
        limits.ordersPerTenSeconds = 2
        let test = try TestVenue(limits: limits)
        test.makeBook()
        let filled = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1"
        for _ in 0..<5 { #expect(test.signed("POST", "order", filled).status == 200) }
        let resting = TestVenue.limit("BUY", "90", "1")
        #expect(test.signed("POST", "order", resting).headers["X-MBX-ORDER-COUNT-10S"] == "1")
        #expect(test.signed("POST", "order", resting).status == 200)
        let refused = test.signed("POST", "order", resting)
        #expect(refused.status == 429)
        #expect(refused.code == -1015)
        test.now += 10_000
        #expect(test.signed("POST", "order", resting).status == 200)
    }
}
