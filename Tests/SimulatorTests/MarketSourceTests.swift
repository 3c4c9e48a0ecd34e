// MarketSourceTests.swift — generated and recorded markets: shape, determinism, bad input.
import Core
import Foundation
import Simulator
import Testing

@Suite("Market sources") struct MarketSourceTests {
    private let bars = [
        PriceBar(open: 100, high: 104, low: 99, close: 103),
        PriceBar(open: 103, high: 103.5, low: 98, close: 98.5),
    ]

    // MARK: Paths

    @Test("Walks a bar over both extremes to its close, and on without a jump")
    func walksBars() {
        var random = Random(seed: 1)
        var path = BarPath(bars: bars, secondsPerBar: 3, scale: 2)
        let prices = (0..<13).map { _ in path.advance(by: 0.5, &random) }
        #expect(prices[1] == 198)  // Low of the rising bar after a third of it.
        #expect(prices[3] == 208)  // Its high after two.
        #expect(prices[5] == 206)  // Its close is the next one's open.
        #expect(prices[7] == 207)  // The falling bar goes up first.
        #expect(prices[9] == 196)
        #expect(prices[11] == 197)  // From here on again, joined at the last close.
    }

    @Test("Reads bars, and names the line that is none")
    func readsBars() throws {
        let text =
            "time,open,high,low,close,volume\n2020-01-01,1,2,0.5,1.5,7\n2020-01-02,1.5,2,1,1,0"
        #expect(try PriceBar.parse(text, name: "x").count == 2)
        for bad in [
            "t,1,2,0.5", "t,1,2,0.5,nan,0", "t,1,0.9,0.5,1,0", "t,-1,2,-3,1,0", "t,a,2,1,1,0",
        ] {
            do {
                _ = try PriceBar.parse("time,open\n" + bad, name: "x.csv")
                Issue.record("must be refused: \(bad)")
            } catch {
                #expect(error.description.hasPrefix("x.csv, line 2"))
            }
        }
        #expect(throws: SimulatorError.self) { try PriceBar.parse("time,open\n", name: "x") }
    }

    // MARK: Generated flow

    /// Runs a market's beginning; returns a hash of all that its streams said.
    private func run(seed: UInt64, seconds: Int64, chunk: Int64) throws -> (UInt64, TestVenue) {
        let test = try TestVenue()
        let flow = GeneratedFlow(
            path: BarPath(bars: bars, secondsPerBar: 3, scale: 200), seed: seed, idBase: 0)
        let driver = MarketDriver(exchange: test.exchange, sources: [flow])
        let peer = try #require(
            test.connect("/stream", query: "streams=btcusdt@trade/btcusdt@bookTicker"))
        var hash: UInt64 = 14_695_981_039_346_656_037
        for time in stride(from: chunk, through: seconds * 1_000_000_000, by: Int64.Stride(chunk)) {
            driver.advance(to: time, now: test.now)
            test.pass(milliseconds: 0)
            for case .text(let bytes) in test.contents(peer) {
                for byte in bytes { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
            }
        }
        return (hash, test)
    }

    @Test("The same seed gives the same history, however it is cut into turns")
    func isDeterministic() throws {
        let (first, _) = try run(seed: 9, seconds: 4, chunk: 5_000_000)
        let (same, _) = try run(seed: 9, seconds: 4, chunk: 5_000_000)
        let (coarse, _) = try run(seed: 9, seconds: 4, chunk: 500_000_000)
        let (other, _) = try run(seed: 10, seconds: 4, chunk: 5_000_000)
        #expect(first == same)
        #expect(first == coarse)
        #expect(first != other)
    }

    @Test("Keeps two deep sides, a tight spread, and trades", arguments: 1...5)
    func keepsBook(seed: UInt64) throws {
        let test = try TestVenue()
        let flow = GeneratedFlow(
            path: BarPath(bars: bars, secondsPerBar: 3, scale: 200), seed: seed, idBase: 0)
        let driver = MarketDriver(exchange: test.exchange, sources: [flow])
        let market = test.exchange.markets[0]
        for time in stride(from: Int64(20_000_000), through: 6_000_000_000, by: 20_000_000) {
            driver.advance(to: time, now: test.now)
            let (bids, asks) = (market.depth(.buy, limit: 10), market.depth(.sell, limit: 10))
            try #require(bids.count == 10 && asks.count == 10)
            let spread = asks[0].price - bids[0].price
            // Below a thousandth of the price.
            try #require(spread > 0 && spread * 1_000 < bids[0].price)
        }
        #expect(market.statistics.count > 200)
        let range = market.statistics.high - market.statistics.low
        #expect(range * 50 > market.statistics.low, "the price covers the bars' range")
    }

    @Test("Stops at its limit of steps, and tells what is still due")
    func limitsSteps() throws {
        let test = try TestVenue()
        let flow = GeneratedFlow(path: WanderingPath(start: 100), seed: 1, idBase: 0)
        let driver = MarketDriver(exchange: test.exchange, sources: [flow])
        driver.advance(to: 1_000_000_000, now: test.now, limit: 8)
        #expect(driver.steps == 8)
        let next = try #require(driver.nextTime)
        #expect(next <= 1_000_000_000)
        driver.advance(to: next, now: test.now)
        #expect(driver.steps == 9)
    }

    @Test("Never lets an order of an account be left behind by the price")
    func tradesWithAccounts() throws {
        let (_, test) = try run(seed: 4, seconds: 1, chunk: 10_000_000)
        let bid = try #require(test.exchange.markets[0].best(.buy))
        let ticket = OrderTicket(
            side: .buy, type: .limitMaker, price: bid.price, quantity: 10_000, clientID: "x")
        let order = try test.exchange.place(
            ticket, market: 0, account: TestVenue.alice, now: test.now)
        #expect(order.status == .new)
        // The second bar falls through it.
        let flow = GeneratedFlow(
            path: BarPath(bars: bars, secondsPerBar: 3, scale: 180), seed: 4, idBase: 1)
        MarketDriver(exchange: test.exchange, sources: [flow])
            .advance(to: 500_000_000, now: test.now)
        #expect(test.exchange.orders[order.id]?.status == .filled)
    }

    // MARK: Recording

    private let capture = [
        (1_000, depth(5, 9, bids: #"["1.00","1"]"#, asks: "")),
        (
            2_000,
            #"{"lastUpdateId":10,"bids":[["100.00","2.00000"],["99.00","1"]],"#
                + #""asks":[["101.00","3"]]}"#
        ),
        (
            2_500,
            depth(9, 12, bids: #"["100.00","0"],["99.50","4"]"#, asks: #"["101.00","2.5"]"#)
        ),
        (3_000, #"{"stream":"x","data":{"e":"trade","p":"99.50","q":"4.5","m":true}}"#),
        (4_000, depth(13, 14, bids: #"["99.50","1"]"#, asks: #"["100.999","1"]"#)),
    ].map { "\($0) \($1)" }.joined(separator: "\n")

    private static func depth(_ first: Int, _ last: Int, bids: String, asks: String) -> String {
        #"{"stream":"x","data":{"e":"depthUpdate","U":\#(first),"u":\#(last),"#
            + #""b":[\#(bids)],"a":[\#(asks)]}}"#
    }

    @Test("Replays a recording: snapshot, differences by id, prints")
    func replaysCapture() throws {
        let test = try TestVenue(mode: .recorded)
        let source = try CaptureSource(text: capture, name: "capture")
        let driver = MarketDriver(exchange: test.exchange, sources: [source])
        let market = test.exchange.markets[0]
        driver.advance(to: 0, now: test.now)
        #expect(market.depth(.buy, limit: 5).map(\.price) == [10_000, 9_900])
        driver.advance(to: 500, now: test.now)
        #expect(market.depth(.buy, limit: 5).map(\.price) == [9_950, 9_900])
        #expect(market.best(.sell)?.quantity == 250_000)

        let ticket = OrderTicket(
            side: .buy, type: .limit, price: 9_950, quantity: 100_000, clientID: "x")
        let order = try test.exchange.place(
            ticket, market: 0, account: TestVenue.alice, now: test.now)
        #expect(market.levels.quantity(.buy, 9_950) == 500_000)
        driver.advance(to: 1_000, now: test.now)
        // Four coins were ahead; half a coin of the print is left for ours.
        #expect(test.exchange.orders[order.id]?.executed == 50_000)
        #expect(market.trades.map(\.quantity) == [450_000])
        driver.advance(to: 2_000, now: test.now)
        #expect(source.unusable == 1, "a price between two ticks")
        #expect(source.nextTime == nil)
    }

    @Test("Own takers use up what is shown, in book and differences alike")
    func takesFromRecording() throws {
        let test = try TestVenue(mode: .recorded)
        let source = try CaptureSource(text: capture, name: "capture")
        let driver = MarketDriver(exchange: test.exchange, sources: [source])
        driver.advance(to: 500, now: test.now)
        let ticket = OrderTicket(
            side: .buy, type: .market, quantity: 100_000, clientID: "x")
        let order = try test.exchange.place(
            ticket, market: 0, account: TestVenue.alice, now: test.now)
        #expect(order.status == .filled)
        let market = test.exchange.markets[0]
        #expect(market.best(.sell)?.quantity == 150_000)
        #expect(market.levels.quantity(.sell, 10_100) == 150_000)
    }

    @Test("Passes over numbers of a recording that no market has")
    func passesOverNonsense() throws {
        let test = try TestVenue(mode: .recorded)
        let numbers = ["1e5", "NaN", "-1", "99999999999999999999", "90000000000.00", "", "0x10"]
        let rows = numbers.flatMap { [#"["\#($0)","1"]"#, #"["99.00","\#($0)"]"#] }
        let text =
            capture + "\n"
            + [
                "5000 " + Self.depth(15, 16, bids: rows.joined(separator: ","), asks: ""),
                #"6000 {"e":"trade","p":"99.00","q":"99999999999999.00000","m":true}"#,
                #"7000 {"e":"trade","p":7,"q":null}"#, "8000 {", "nonsense", "", "9000 []",
            ].joined(separator: "\n")
        let source = try CaptureSource(text: text, name: "capture")
        MarketDriver(exchange: test.exchange, sources: [source])
            .advance(to: 1_000_000, now: test.now)
        #expect(source.nextTime == nil, "read to its end")
        #expect(test.exchange.markets[0].best(.buy)?.price == 9_950)
        #expect(source.unusable == 17)
    }

    @Test("A time before all time is no line's time")
    func refusesNegativeTimes() throws {
        let text = """
            9223372036854775807 {"lastUpdateId":1,"bids":[],"asks":[]}
            -9223372036854775808 {"e":"trade"}
            """
        let source = try CaptureSource(text: text, name: "capture")
        let test = try TestVenue(mode: .recorded)
        MarketDriver(exchange: test.exchange, sources: [source]).advance(to: 0, now: test.now)
        #expect(source.nextTime == nil, "read to its end")
    }

    @Test("Refuses a recording without a snapshot")
    func refusesSnapshotlessCapture() {
        #expect(throws: SimulatorError.self) {
            try CaptureSource(text: "1 {\"e\":\"trade\"}\nnonsense", name: "x")
        }
        #expect(throws: SimulatorError.self) { try CaptureSource(path: "/nonexistent.gz") }
    }
}
