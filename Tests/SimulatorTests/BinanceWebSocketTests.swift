// BinanceWebSocketTests.swift — the WebSocket API: sessions, orders, user data, faults.
import Core
import Foundation
import Simulator
import Testing

@Suite("Binance WebSocket API") struct BinanceWebSocketTests {
    private func venue(_ faults: String = "") throws -> (test: TestVenue, peer: Peer) {
        let test = try TestVenue(faults: faults)
        test.makeBook()
        return (test, try #require(test.connect("/ws-api/v3")))
    }

    private let limit = [
        "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
        "quantity": "1", "price": "99.50", "newClientOrderId": "one",
    ]

    private func result(_ message: [String: Any]?) -> [String: Any] {
        message?["result"] as? [String: Any] ?? [:]
    }

    private func error(_ message: [String: Any]?) -> Int? {
        (message?["error"] as? [String: Any])?["code"] as? Int
    }

    private func events(_ messages: [[String: Any]]) -> [[String: Any]] {
        messages.compactMap { $0["event"] as? [String: Any] }
    }

    private func logOn(_ test: TestVenue, _ peer: Peer) {
        let answer = test.call("session.logon", [:], on: peer, key: TestVenue.aliceSessionKey)
        #expect(result(answer.first)["apiKey"] as? String == TestVenue.aliceSessionKey)
        let subscribed = test.call("userDataStream.subscribe", [:], on: peer, key: nil)
        #expect(result(subscribed.first)["subscriptionId"] as? Int == 0)
    }

    // MARK: Sessions

    @Test("Logs on with Ed25519 only; a session needs no further signature")
    func logsOn() throws {
        let (test, peer) = try venue()
        #expect(error(test.call("session.logon", [:], on: peer).first) == -4056)
        #expect(error(test.call("account.status", [:], on: peer, key: nil).first) == -1102)
        logOn(test, peer)
        let account = test.call("account.status", [:], on: peer, key: nil).first
        #expect(account?["status"] as? Int == 200)
        #expect(
            error(test.call("userDataStream.subscribe", [:], on: peer, key: nil).first) == -2035)
        _ = test.call("session.logout", [:], on: peer, key: nil)
        #expect(error(test.call("account.status", [:], on: peer, key: nil).first) == -1102)
    }

    @Test("Verifies each request's own signature over the sorted parameters")
    func verifiesSignatures() throws {
        let (test, peer) = try venue()
        #expect(test.call("order.place", limit, on: peer).first?["status"] as? Int == 200)
        let forged = limit.merging(["signature": "00"]) { $1 }
        test.send(request("order.place", forged, test), from: peer)
        #expect(error(test.messages(peer).first) == -1022)
    }

    private func request(_ method: String, _ fields: [String: String], _ test: TestVenue) -> String
    {
        let all = fields.merging(["apiKey": TestVenue.aliceKey]) { $1 }
        let text = all.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return "{\"id\":5,\"method\":\"\(method)\",\"params\":{\(text),\"timestamp\":\(test.now)}}"
    }

    @Test("Answers what it cannot read, with the id where there is one")
    func answersMalformed() throws {
        let (test, peer) = try venue()
        for (text, code) in [
            ("{", -1135), ("[]", -1135), (#"{"id":3}"#, -1102),
            (#"{"id":3,"method":"dance"}"#, -1020),
            (#"{"id":3,"method":"depth","params":[1]}"#, -1135),
            (#"{"id":{},"method":"ping"}"#, -1100),
            (#"{"id":3,"method":"depth","params":{"symbol":{}}}"#, -1135),
        ] {
            test.send(text, from: peer)
            let answer = test.messages(peer).first
            #expect(error(answer) == code, "\(text)")
            #expect(answer?["status"] as? Int == 400)
        }
        let deep = String(repeating: "[", count: 100_000)
        test.send(deep, from: peer)
        #expect(error(test.messages(peer).first) == -1135)
    }

    @Test("Shows rate limits, unless asked not to")
    func showsLimits() throws {
        let (test, peer) = try venue()
        let answer = test.call("order.place", limit, on: peer).first
        let types = (answer?["rateLimits"] as? [[String: Any]])?.compactMap {
            $0["rateLimitType"] as? String
        }
        #expect(types == ["ORDERS", "ORDERS", "REQUEST_WEIGHT"])
        let quiet = try #require(test.connect("/ws-api/v3", query: "returnRateLimits=false"))
        #expect(test.call("ping", [:], on: quiet, key: nil).first?["rateLimits"] == nil)
    }

    // MARK: User data

    @Test("Reports an order's life to its account, in order")
    func reportsLife() throws {
        let (test, peer) = try venue()
        logOn(test, peer)
        let placed = test.call("order.place", limit, on: peer, key: nil)
        #expect(result(placed.first)["status"] as? String == "NEW")
        var seen = events(placed)
        #expect(seen.map { $0["e"] as? String } == ["executionReport", "outboundAccountPosition"])
        #expect(seen[0]["x"] as? String == "NEW")
        #expect(seen[0]["c"] as? String == "one")
        #expect(seen[0]["w"] as? Bool == true)
        let balances = seen[1]["B"] as? [[String: Any]]
        #expect(balances?.map { $0["a"] as? String } == ["USDT"])
        #expect(balances?.first?["l"] as? String == "99.50000000")

        test.house(.sell, 9_950, 600_000, takes: true)
        test.pass(milliseconds: 1)
        seen = events(test.messages(peer))
        let fill = try #require(seen.first { $0["x"] as? String == "TRADE" })
        #expect(fill["X"] as? String == "FILLED")
        #expect(fill["L"] as? String == "99.50000000")
        #expect(fill["m"] as? Bool == true)
        #expect(fill["N"] as? String == "BTC")
        #expect(fill["n"] as? String == "0.00100000")
        #expect(fill["Z"] as? String == "99.50000000")
        #expect((fill["t"] as? Int ?? 0) > 0)
    }

    @Test("A cancel names both ids; an expiry its reason")
    func reportsEndings() throws {
        let (test, peer) = try venue()
        logOn(test, peer)
        _ = test.call("order.place", limit, on: peer, key: nil)
        let canceled = test.call(
            "order.cancel",
            ["symbol": "BTCUSDT", "origClientOrderId": "one", "newClientOrderId": "bye"], on: peer,
            key: nil)
        #expect(result(canceled.first)["origClientOrderId"] as? String == "one")
        let report = try #require(events(canceled).first)
        #expect(report["x"] as? String == "CANCELED")
        #expect(report["c"] as? String == "bye")
        #expect(report["C"] as? String == "one")
        #expect(report["N"] is NSNull)

        let ioc = limit.merging(["timeInForce": "IOC", "newClientOrderId": "two"]) { $1 }
        let expired = try #require(
            events(test.call("order.place", ioc, on: peer, key: nil)).first {
                $0["x"] as? String == "EXPIRED"
            })
        #expect(expired["eR"] as? String == "UNFILLED_IOC_QUANTITY_EXPIRED")
        #expect(expired["c"] as? String == "two")
    }

    @Test("Tells an account only about itself")
    func separatesAccounts() throws {
        let (test, peer) = try venue()
        let other = try #require(test.connect("/ws-api/v3"))
        let subscribed = test.call(
            "userDataStream.subscribe.signature", [:], on: other, key: TestVenue.bobKey)
        #expect(result(subscribed.first)["subscriptionId"] as? Int == 0)
        _ = test.call("order.place", limit, on: peer)
        #expect(test.messages(other).isEmpty)
        let cross = limit.merging(["side": "SELL", "newClientOrderId": "bobs"]) { $1 }
        let answer = test.call("order.place", cross, on: peer, key: TestVenue.bobKey)
        #expect(result(answer.first)["status"] as? String == "FILLED")
        #expect(events(test.messages(other)).contains { $0["c"] as? String == "bobs" })
        _ = test.call("userDataStream.unsubscribe", ["subscriptionId": "0"], on: other, key: nil)
        _ = test.call("order.place", cross, on: peer, key: TestVenue.bobKey)
        #expect(test.messages(other).isEmpty)
    }

    @Test("Lists and finds orders as REST does")
    func listsOrders() throws {
        let (test, peer) = try venue()
        _ = test.call("order.place", limit, on: peer)
        let open = test.call("openOrders.status", ["symbol": "BTCUSDT"], on: peer).first
        #expect((open?["result"] as? [[String: Any]])?.first?["clientOrderId"] as? String == "one")
        let found = test.call(
            "order.status", ["symbol": "BTCUSDT", "origClientOrderId": "one"], on: peer)
        #expect(result(found.first)["status"] as? String == "NEW")
        let amended = test.call(
            "order.amend.keepPriority",
            ["symbol": "BTCUSDT", "origClientOrderId": "one", "newQty": "0.5"], on: peer)
        #expect(
            (result(amended.first)["amendedOrder"] as? [String: Any])?["qty"] as? String
                == "0.50000000")
        let gone = test.call("openOrders.cancelAll", ["symbol": "BTCUSDT"], on: peer).first
        #expect((gone?["result"] as? [Any])?.count == 1)
        #expect(
            error(test.call("openOrders.cancelAll", ["symbol": "BTCUSDT"], on: peer).first) == -2011
        )
    }

    // MARK: Faults

    @Test("Loses the reply of an order that it has accepted")
    func dropsReply() throws {
        let (test, peer) = try venue("order 1 drop-reply\norder 2 timeout")
        logOn(test, peer)
        let lost = test.call("order.place", limit, on: peer, key: nil)
        #expect(lost.allSatisfy { $0["id"] == nil })
        #expect(events(lost).first?["c"] as? String == "one")
        let second = limit.merging(["newClientOrderId": "two"]) { $1 }
        #expect(error(test.call("order.place", second, on: peer, key: nil).first) == -1007)
        #expect(test.exchange.openOrders(of: TestVenue.alice).map(\.clientID) == ["one", "two"])
    }

    @Test("Loses a request before it arrives, and cuts a connection after it did")
    func losesRequest() throws {
        let (test, peer) = try venue("order 1 lose-request\norder 2 cut-connection")
        #expect(test.call("order.place", limit, on: peer).isEmpty)
        #expect(test.exchange.openOrders(of: TestVenue.alice).isEmpty)
        let second = limit.merging(["newClientOrderId": "two"]) { $1 }
        test.ask("order.place", second, on: peer)
        #expect(test.contents(peer) == [.close(code: 0)])
        #expect(test.exchange.openOrders(of: TestVenue.alice).map(\.clientID) == ["two"])
        let third = limit.merging(["newClientOrderId": "three"]) { $1 }
        test.venue.add(FaultRule(.order(1), .cutConnection), now: test.now)
        test.send(request("order.place", third, test), from: peer)  // Unsigned.
        #expect(error(test.messages(peer).first) == -1102, "a refused order is not cut off")
    }

    @Test("Over REST a lost request and a lost reply look the same")
    func losesOverRest() throws {
        let test = try TestVenue(faults: "order 1 lose-request\norder 2 drop-reply")
        let first = TestVenue.limit("BUY", "90", "1", id: "one")
        #expect(test.signed("POST", "order", first).status == 504)
        let second = TestVenue.limit("BUY", "90", "1", id: "two")
        #expect(test.signed("POST", "order", second).status == 504)
        #expect(test.exchange.openOrders(of: TestVenue.alice).map(\.clientID) == ["two"])
    }

    @Test("Delays replies, repeats reports, and reports before it replies")
    func disordersReplies() throws {
        let (test, peer) = try venue(
            "order 1 delay-reply 300ms\norder 2 duplicate-reports\norder 3 reports-first")
        logOn(test, peer)
        func place(_ id: String) -> [[String: Any]] {
            test.call(
                "order.place", limit.merging(["newClientOrderId": id]) { $1 }, on: peer, key: nil)
        }
        #expect(place("one").allSatisfy { $0["event"] != nil })
        test.pass(milliseconds: 299)
        #expect(test.messages(peer).isEmpty)
        test.pass(milliseconds: 1)
        #expect(result(test.messages(peer).first)["clientOrderId"] as? String == "one")

        let reports = events(place("two")).filter { $0["e"] as? String == "executionReport" }
        #expect(reports.count == 2)
        #expect(reports[0]["I"] as? Int == reports[1]["I"] as? Int)

        let third = place("three")
        #expect(third.first?["event"] != nil)
        #expect(third.last?["id"] != nil)
    }

    @Test("Closes, cuts and announces by the clock")
    func disconnectsOnTime() throws {
        let (test, peer) = try venue(
            "after 1s shutdown-notice\nafter 2s close api 1001\nevery 3s cut market")
        let market = try #require(test.connect("/stream", query: "streams=btcusdt@trade"))
        test.pass(milliseconds: 1_000)
        let notice = test.messages(peer).first?["event"] as? [String: Any]
        #expect(notice?["e"] as? String == "serverShutdown")
        #expect(test.messages(market).first?["stream"] as? String == "!serverShutdown")
        test.pass(milliseconds: 1_000)
        #expect(test.contents(peer) == [.close(code: 1001)])
        #expect(test.contents(market).isEmpty)
        test.pass(milliseconds: 1_000)
        #expect(test.contents(market) == [.close(code: 0)])
        test.pass(milliseconds: 3_000)
        #expect(test.contents(market) == [.close(code: 0)])
    }
}
