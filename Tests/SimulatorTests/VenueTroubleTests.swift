// VenueTroubleTests.swift — a simulated venue that is down, closed, off its clock, or strict with
// its connections.
import Core
import Foundation
import Simulator
import Testing

@Suite("Venue troubles") struct VenueTroubleTests {
    private func closes(_ contents: [Outgoing.Content]) -> [UInt16] {
        contents.compactMap { content in
            guard case .close(let code) = content else { return nil }
            return code
        }
    }

    @Test("Reads every trouble")
    func script() throws {
        let rules = try FaultPlan.rules(
            """
            after 1s clock +1500ms
            every 1s clock -2s
            after 1s http 503 5s
            after 1s refuse 4s
            after 1s maintenance 3s
            after 1s status BTCUSDT BREAK 2s
            after 1s coarsen BTCUSDT
            """, name: "f")
        #expect(
            rules.map(\.fault) == [
                .venue(.clock(milliseconds: 1_500)), .venue(.clock(milliseconds: -2_000)),
                .venue(.gateway(status: 503, milliseconds: 5_000)),
                .venue(.refuse(milliseconds: 4_000)),
                .venue(.maintenance(milliseconds: 3_000)),
                .venue(.status(symbol: "BTCUSDT", .onBreak, milliseconds: 2_000)),
                .venue(.coarsen(symbol: "BTCUSDT")),
            ])
    }

    @Test(
        "Names what is no trouble",
        arguments: [
            "clock 5ms", "clock +soon", "http 302 1s", "http x 1s", "status BTCUSDT ASLEEP 1s",
            "maintenance", "coarsen",
        ])
    func mistakes(_ fault: String) {
        #expect(throws: SimulatorError.self) {
            try FaultPlan.rules("after 1s \(fault)", name: "f")
        }
    }

    @Test("A clock that was moved shows in the time and in what timestamps are taken")
    func clock() throws {
        let venue = try TestVenue(faults: "after 1s clock +90s")
        venue.pass(milliseconds: 1_000)
        #expect(venue.venue.clockError == 90_000)
        #expect(venue.signed("GET", "account", "").status == 200)
        venue.now += venue.venue.clockError  // As the server hands it in from now on.
        let stale = "timestamp=\(venue.now - 90_000)"
        let answer = venue.rest(
            "GET", "account", query: "\(stale)&signature=\(TestVenue.hmac(stale))",
            key: TestVenue.aliceKey)
        #expect(answer.code == -1021)
        #expect(venue.signed("GET", "account", "").status == 200)
    }

    @Test("A gateway answers in the venue's place for its time")
    func gateway() throws {
        let venue = try TestVenue(faults: "after 1s http 502 2s\nafter 5s http 200 1s")
        venue.pass(milliseconds: 1_000)
        let reply = venue.venue.handle(
            ServerRequest(method: "GET", path: "/api/v3/time"), now: venue.now)
        #expect(reply.status == 502)
        #expect(reply.contentType == "text/html")
        venue.pass(milliseconds: 2_000)
        #expect(venue.rest("GET", "time").status == 200)
        venue.pass(milliseconds: 2_000)
        let empty = venue.venue.handle(
            ServerRequest(method: "GET", path: "/api/v3/time"), now: venue.now)
        #expect(empty.status == 200)
        #expect(empty.body.isEmpty)
    }

    @Test("Maintenance ends every connection, refuses new ones, and is over")
    func maintenance() throws {
        let venue = try TestVenue(faults: "after 1s maintenance 3s")
        let market = try #require(venue.connect("/stream"))
        let orders = try #require(venue.connect("/ws-api/v3"))
        venue.pass(milliseconds: 1_000)
        #expect(closes(venue.contents(market)) == [1012])
        #expect(closes(venue.contents(orders)) == [1012])
        #expect(venue.connect("/stream") == nil)
        #expect(venue.rest("GET", "ping").status == 503)
        venue.pass(milliseconds: 3_000)
        #expect(venue.connect("/stream") != nil)
        #expect(venue.rest("GET", "ping").status == 200)
    }

    @Test("A closed instrument says so and takes no orders, but lets them be cancelled")
    func closed() throws {
        let venue = try TestVenue(faults: "after 1s status BTCUSDT BREAK 2s")
        venue.makeBook()
        let order = TestVenue.limit("BUY", "99.00", "0.5", id: "mine")
        #expect(venue.signed("POST", "order", order).status == 200)
        venue.pass(milliseconds: 1_000)
        let refused = venue.signed("POST", "order", TestVenue.limit("BUY", "99.00", "0.5"))
        #expect(refused.code == -1013)
        #expect(refused.text == "Market is closed.")
        let cancel = venue.signed("DELETE", "order", "symbol=BTCUSDT&origClientOrderId=mine")
        #expect(cancel.status == 200)
        let symbols = venue.rest("GET", "exchangeInfo").object["symbols"] as? [[String: Any]]
        #expect(symbols?.first?["status"] as? String == "BREAK")
        venue.pass(milliseconds: 2_000)
        #expect(venue.signed("POST", "order", order).status == 200)
    }

    @Test("A coarser price step is stated and enforced")
    func coarsened() throws {
        let venue = try TestVenue(faults: "after 1s coarsen BTCUSDT")
        venue.makeBook()
        venue.pass(milliseconds: 1_000)
        let refused = venue.signed("POST", "order", TestVenue.limit("BUY", "99.01", "0.5"))
        #expect(refused.text == "Filter failure: PRICE_FILTER")
        #expect(
            venue.signed("POST", "order", TestVenue.limit("BUY", "99.10", "0.5")).status == 200)
    }

    @Test("Connections end at their age, and those that owe a pong are cut off")
    func lives() throws {
        var rules = ConnectionRules()
        rules.maxAge = 20_000
        rules.pingInterval = 2_000
        rules.pongPatience = 6_000
        let venue = try TestVenue(connections: rules)
        let good = try #require(venue.connect("/stream"))
        let silent = try #require(venue.connect("/stream"))
        var cutAt: Int64 = 0
        var endedAt: Int64 = 0
        for second in 1...25 {
            venue.pass(milliseconds: 1_000)
            venue.venue.ponged(good)
            if closes(venue.contents(silent)) == [0] { cutAt = Int64(second) }
            if closes(venue.contents(good)) == [1001] { endedAt = Int64(second) }
        }
        #expect(cutAt == 8)
        #expect(endedAt == 20)
    }
}
