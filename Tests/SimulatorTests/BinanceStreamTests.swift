// BinanceStreamTests.swift — market streams: what they say must be what REST says.
import Core
import Foundation
import Simulator
import Testing

@Suite("Binance streams") struct BinanceStreamTests {
    /// A venue with a generated flow and one listener.
    private struct Running {
        let test: TestVenue
        let flow: GeneratedFlow
        let driver: MarketDriver
        private var time: Int64 = 0

        init(seed: UInt64, volatility: Double = 0.001) throws {
            test = try TestVenue()
            flow = GeneratedFlow(
                path: WanderingPath(start: 20_000, volatility: volatility), seed: seed, idBase: 0)
            driver = MarketDriver(exchange: test.exchange, sources: [flow])
            pass(milliseconds: 50)
        }

        mutating func pass(milliseconds: Int64) {
            time += milliseconds * 1_000_000
            driver.advance(to: time, now: test.now)
            test.pass(milliseconds: milliseconds)
        }
    }

    @Test("Differences lead from any snapshot to the book that REST shows", arguments: 1...12)
    func differencesFollowSnapshot(seed: UInt64) throws {
        var running = try Running(seed: seed)
        let test = running.test
        let peer = try #require(test.connect("/ws/btcusdt@depth@100ms"))
        running.pass(milliseconds: 130)
        var buffered = test.messages(peer)
        var book = LocalBook(
            snapshot: test.rest("GET", "depth", query: "symbol=BTCUSDT&limit=5000").object)
        for _ in 0..<40 {
            running.pass(milliseconds: 50)
            buffered += test.messages(peer)
        }
        running.pass(milliseconds: 100 - test.now % 100)
        buffered += test.messages(peer)
        try #require(buffered.count > 15)
        buffered.forEach { book.apply($0) }
        let rest = test.rest("GET", "depth", query: "symbol=BTCUSDT&limit=5000").object
        #expect(!book.hasGap)
        #expect(book.lastID == rest["lastUpdateId"] as? Int)
        #expect(book.bidRows == rest["bids"] as? [[String]])
        #expect(book.askRows == rest["asks"] as? [[String]])
        #expect(book.bidRows.count >= 10 && book.askRows.count >= 10)
    }

    @Test("The best of the local book is that of the newest bookTicker it includes")
    func tickerAgreesWithDifferences() throws {
        var running = try Running(seed: 5)
        let test = running.test
        let peer = try #require(
            test.connect("/stream", query: "streams=btcusdt@depth@100ms/btcusdt@bookTicker"))
        var book = LocalBook(
            snapshot: test.rest("GET", "depth", query: "symbol=BTCUSDT&limit=5000").object)
        var tickers: [[String: Any]] = []
        var checked = 0
        for _ in 0..<60 {
            running.pass(milliseconds: 50)
            for message in test.messages(peer) {
                let data = message["data"] as? [String: Any] ?? [:]
                if message["stream"] as? String == "btcusdt@bookTicker" {
                    tickers.append(data)
                    continue
                }
                book.apply(data)
                let id = data["u"] as? Int ?? 0
                guard let ticker = tickers.last(where: { $0["u"] as? Int ?? 0 <= id }) else {
                    continue
                }
                let cells = ["b", "B", "a", "A"].map { ticker[$0] as? String ?? "" }
                try #require(book.bidRows.first == Array(cells[..<2]))
                try #require(book.askRows.first == Array(cells[2...]))
                checked += 1
            }
        }
        #expect(checked > 20)
        let ids = tickers.compactMap { $0["u"] as? Int }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }, "one ticker per change")
    }

    @Test("A frozen symbol goes on without a gap, a lost message is one")
    func freezesAndLoses() throws {
        var running = try Running(seed: 3)
        let test = running.test
        let peer = try #require(test.connect("/ws/btcusdt@depth@100ms"))
        var book = LocalBook(
            snapshot: test.rest("GET", "depth", query: "symbol=BTCUSDT&limit=5000").object)
        test.venue.apply(.freeze(symbol: "BTCUSDT", milliseconds: 1_000), now: test.now)
        for _ in 0..<9 { running.pass(milliseconds: 100) }
        #expect(test.messages(peer).isEmpty)
        for _ in 0..<5 { running.pass(milliseconds: 100) }
        test.messages(peer).forEach { book.apply($0) }
        #expect(!book.hasGap)
        test.venue.apply(.gap(symbol: "BTCUSDT"), now: test.now)
        for _ in 0..<3 { running.pass(milliseconds: 100) }
        test.messages(peer).forEach { book.apply($0) }
        #expect(book.hasGap)
    }

    @Test("Trades say who the maker was, and aggregate per taker and price")
    func tellsTrades() throws {
        let test = try TestVenue()
        test.makeBook()
        test.house(.buy, 10_000, 50_000)
        let peer = try #require(
            test.connect("/stream", query: "streams=btcusdt@trade/btcusdt@aggTrade"))
        test.house(.sell, 9_990, 200_000, takes: true)
        test.pass(milliseconds: 1)
        let messages = test.messages(peer)
        let trades = messages.filter { $0["stream"] as? String == "btcusdt@trade" }
            .compactMap { $0["data"] as? [String: Any] }
        let aggregates = messages.filter { $0["stream"] as? String == "btcusdt@aggTrade" }
            .compactMap { $0["data"] as? [String: Any] }
        #expect(trades.map { $0["q"] as? String } == ["1.00000000", "0.50000000", "0.50000000"])
        #expect(trades.allSatisfy { $0["m"] as? Bool == true })
        #expect(aggregates.map { $0["q"] as? String } == ["1.50000000", "0.50000000"])
        #expect(aggregates.first?["f"] as? Int == 1)
        #expect(aggregates.first?["l"] as? Int == 2)
    }

    @Test("Sends candles closed, and partial books by the names asked for")
    func sendsCandlesAndPartialBooks() throws {
        let test = try TestVenue()
        test.makeBook(levels: 12)
        let peer = try #require(
            test.connect("/stream", query: "streams=btcusdt@kline_1s/btcusdt@depth5@100ms"))
        test.house(.buy, 10_010, 10_000, takes: true)
        test.pass(milliseconds: 100)
        let partial = test.messages(peer).first
        #expect(partial?["stream"] as? String == "btcusdt@depth5@100ms")
        let data = partial?["data"] as? [String: Any]
        #expect((data?["bids"] as? [Any])?.count == 5)
        test.pass(milliseconds: 1_000)
        let candle = test.messages(peer).compactMap { $0["data"] as? [String: Any] }
            .first { $0["e"] as? String == "kline" }
        let k = candle?["k"] as? [String: Any]
        #expect(k?["x"] as? Bool == true)
        #expect(k?["c"] as? String == "100.10000000")
        #expect(k?["i"] as? String == "1s")
    }

    @Test("Subscribes, lists and unsubscribes on the way")
    func managesSubscriptions() throws {
        let test = try TestVenue()
        test.makeBook()
        let peer = try #require(test.connect("/ws"))
        test.send(
            #"{"method":"SUBSCRIBE","params":["btcusdt@trade","nosuch@trade"],"id":7}"#, from: peer)
        #expect(test.messages(peer).first?["id"] as? Int == 7)
        test.send(#"{"method":"LIST_SUBSCRIPTIONS","id":"a"}"#, from: peer)
        #expect(
            test.messages(peer).first?["result"] as? [String] == ["btcusdt@trade", "nosuch@trade"])
        test.house(.buy, 10_010, 1, takes: true)
        test.pass(milliseconds: 1)
        #expect(test.messages(peer).first?["e"] as? String == "trade")
        test.send(#"{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":8}"#, from: peer)
        test.house(.buy, 10_010, 1, takes: true)
        test.pass(milliseconds: 1)
        #expect(test.messages(peer).count == 1)
    }

    @Test("Answers broken control messages, and cuts off whoever sends too many")
    func refusesBadControl() throws {
        let test = try TestVenue()
        let peer = try #require(test.connect("/ws"))
        test.send("{\"method\":", from: peer)
        let broken = test.messages(peer).first?["error"] as? [String: Any]
        #expect(broken?["code"] as? Int == 3)
        test.send(#"{"method":"DANCE","id":1}"#, from: peer)
        let unknown = test.messages(peer).first?["error"] as? [String: Any]
        #expect(unknown?["code"] as? Int == 2)
        for _ in 0..<4 { test.send(#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#, from: peer) }
        #expect(test.contents(peer).last == .close(code: 1008))
    }

    @Test("Opens only the paths that exist, and pings every 20 seconds")
    func opensPathsAndPings() throws {
        let test = try TestVenue()
        #expect(test.connect("/chat") == nil)
        let peer = try #require(test.connect("/ws/btcusdt@trade"))
        test.pass(milliseconds: 20_000)
        #expect(test.contents(peer).contains(.ping))
    }
}
