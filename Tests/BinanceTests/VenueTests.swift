import Core
import Foundation
import Synchronization
import Testing
import VenueKit

@testable import Binance

@Suite("Binance over REST") struct VenueTests {
    private let time = ManualTime(wall: 1_700_000_000_000_000_000)
    private let pauses = Pauses()

    private final class Pauses: Sendable {
        let taken = Mutex<[Int64]>([])
    }

    private func venue(
        _ transport: ScriptedTransport, credentials: BinanceCredentials? = Sample.hmac
    ) throws -> BinanceVenue {
        let pauses = pauses
        return try BinanceVenue(
            .custom(host: "127.0.0.1", port: 9443, caFile: "ca.pem"), credentials: credentials,
            transport: transport, clock: Clock(manual: time),
            budget: RequestBudget(percent: 90),
            pause: { pause in pauses.taken.withLock { $0.append(pause) } })
    }

    private func failure(_ body: () throws(VenueError) -> some Any) -> VenueError? {
        do throws(VenueError) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    private static let tickers = """
        {"symbols":[
          {"symbol":"ETHUSDT","status":"TRADING","baseAsset":"ETH","quoteAsset":"USDT","filters":[
            {"filterType":"PRICE_FILTER","minPrice":"0.01","maxPrice":"0","tickSize":"0.01"}]},
          {"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","filters":[
            {"filterType":"LOT_SIZE","minQty":"0.00001","maxQty":"9","stepSize":"0.00001"}]}]}
        """

    @Test("Instruments come in the order asked for, over one request")
    func instruments() throws {
        let transport = ScriptedTransport([.answer(200, Self.tickers)])
        let instruments = try venue(transport).instruments(["BTCUSDT", "ETHUSDT"])
        #expect(instruments.map(\.symbol) == ["BTCUSDT", "ETHUSDT"])
        let request = try #require(transport.requests.first)
        #expect(
            request.target
                == "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%2C%22ETHUSDT%22%5D")
        #expect(request.host == "127.0.0.1")
        #expect(request.port == 9443)
        #expect(request.caFile == "ca.pem")
        #expect(request.headers.isEmpty)
    }

    @Test("An unknown symbol is named")
    func unknownSymbol() throws {
        let refusal = ScriptedTransport.Step.answer(
            400, #"{"code":-1121,"msg":"Invalid symbol."}"#)
        let transport = ScriptedTransport([refusal, .answer(200, Self.tickers), refusal])
        let venue = try venue(transport)
        let error = failure { () throws(VenueError) in
            try venue.instruments(["BTCUSDT", "NOPEUSDT"])
        }
        #expect(error?.kind == .badSymbol)
        #expect(error?.text.contains("NOPEUSDT") == true)
        #expect(error?.text.contains("BTCUSDT") == false)
    }

    @Test("Signed reads carry key, window, time and a signature over the query as sent")
    func signedRead() throws {
        let transport = ScriptedTransport([
            .answer(200, #"{"balances":[{"asset":"BTC","free":"1.5","locked":"0.00000001"}]}"#)
        ])
        let balances = try venue(transport).balances()
        #expect(
            balances == [
                AccountBalance(
                    asset: "BTC", free: Money(units: 150_000_000), locked: Money(units: 1))
            ])
        let request = try #require(transport.requests.first)
        #expect(request.headers.first?.name == "X-MBX-APIKEY")
        #expect(request.headers.first?.value == Sample.apiKey)
        let query = "recvWindow=5000&timestamp=1700000000000"
        let signature = try Signer(Sample.hmac).signature(query)
        #expect(request.target == "/api/v3/account?\(query)&signature=\(signature)")
    }

    @Test("Without a key nothing signed leaves the machine")
    func withoutKey() throws {
        let transport = ScriptedTransport([])
        let venue = try venue(transport, credentials: nil)
        #expect(failure { () throws(VenueError) in try venue.balances() }?.kind == .unsupported)
        #expect(transport.requests.isEmpty)
    }

    @Test("The clock is read against the middle of the shortest way and moves the timestamps")
    func clockOffset() throws {
        let time = time
        // 20 ms each way; the second answer is an outlier.
        let transport = ScriptedTransport(
            [
                .answer(200, #"{"serverTime":1700000001000}"#),
                .answer(200, #"{"serverTime":1700000009000}"#),
                .answer(200, #"{"serverTime":1700000001080}"#),
                .answer(200, #"{"balances":[]}"#),
            ], onExchange: { time.advance(by: 40_000_000) })
        let venue = try venue(transport)
        // Midpoints 20, 60 and 100 ms after the start: offsets 980, 8,940 and 980 ms.
        #expect(try venue.readClock().offset == 980_000_000)
        _ = try venue.balances()
        #expect(transport.requests.last?.target.contains("timestamp=1700000001100&") == true)
    }

    @Test("A refused timestamp is measured anew, once")
    func resync() throws {
        let refusal = ScriptedTransport.Step.answer(
            400, #"{"code":-1021,"msg":"Timestamp for this request is outside."}"#)
        let probe = ScriptedTransport.Step.answer(200, #"{"serverTime":1700000005000}"#)
        let transport = ScriptedTransport([
            refusal, probe, probe, probe, .answer(200, #"{"balances":[]}"#),
        ])
        _ = try venue(transport).balances()
        #expect(transport.requests.last?.target.contains("timestamp=1700000005000") == true)
        let stubborn = ScriptedTransport([refusal, probe, probe, probe, refusal])
        let venue = try venue(stubborn)
        #expect(failure { () throws(VenueError) in try venue.balances() }?.kind == .clock)
    }

    @Test("Reads are repeated a bounded number of times, with growing pauses")
    func repeats() throws {
        let transport = ScriptedTransport([
            .failure(sent: true), .answer(503, ""), .answer(200, #"{"serverTime":1}"#),
        ])
        #expect(try venue(transport).serverTime() == 1_000_000)
        #expect(pauses.taken.withLock { $0 } == [250_000_000, 500_000_000])
        let dead = ScriptedTransport(Array(repeating: .failure(sent: false), count: 9))
        let venue = try venue(dead)
        #expect(failure { () throws(VenueError) in try venue.serverTime() }?.kind == .notSent)
        #expect(dead.requests.count == BinanceVenue.maxAttempts)
    }

    @Test("A rate limit stops every request until it ends", arguments: [429, 418, 403])
    func rateLimit(_ status: Int) throws {
        let transport = ScriptedTransport([
            .answer(status, #"{"code":-1003,"msg":"Too many requests."}"#, retryAfter: 30),
            .answer(200, #"{"serverTime":1}"#),
        ])
        let venue = try venue(transport)
        let error = failure { () throws(VenueError) in try venue.serverTime() }
        #expect(error?.kind == .rateLimited(banned: status == 418))
        #expect(error?.retryAfter == 1_700_000_030_000)
        time.advance(by: 29_000_000_000)
        #expect(
            failure { () throws(VenueError) in try venue.serverTime() }?.kind
                == .rateLimited(banned: false))
        #expect(transport.requests.count == 1)
        time.advance(by: 1_000_000_000)
        #expect(try venue.serverTime() == 1_000_000)
    }

    @Test("A wait beyond the longest ban is none that the venue documents")
    func endlessWait() throws {
        let transport = ScriptedTransport([
            .answer(418, "", retryAfter: .max), .answer(200, #"{"serverTime":1}"#),
        ])
        let venue = try venue(transport)
        let error = failure { () throws(VenueError) in try venue.serverTime() }
        #expect(error?.retryAfter == 1_700_000_000_000 + BinanceVenue.longestRetryAfter * 1_000)
        time.advance(by: BinanceVenue.longestRetryAfter * 1_000_000_000)
        #expect(try venue.serverTime() == 1_000_000)
    }

    @Test("The venue's own count of the weight is believed")
    func statedWeight() throws {
        let transport = ScriptedTransport([
            .answer(200, #"{"serverTime":1}"#, usedWeight: 1_200),
            .answer(200, #"{"serverTime":1}"#),
        ])
        let venue = try venue(transport)
        _ = try venue.serverTime()
        let error = failure { () throws(VenueError) in try venue.serverTime() }
        #expect(error?.kind == .rateLimited(banned: false))
        time.advance(by: 70_000_000_000)
        #expect(try venue.serverTime() == 1_000_000)
    }

    @Test("The venue's limits are taken from its rules, and reads keep away from the reserve")
    func statedLimits() throws {
        let rules = """
            {"rateLimits":[
              {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":100},
              {"rateLimitType":"RAW_REQUESTS","interval":"MINUTE","intervalNum":5,"limit":7},
              {"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":60},
              {"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":70},{},
              {"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":90000}],
            """
        let transport = ScriptedTransport(
            [
                .answer(
                    200,
                    Self.tickers.replacingOccurrences(
                        of: "{\"symbols\"", with: rules + "\"symbols\""))
            ]
                + Array(repeating: .answer(200, #"{"serverTime":1}"#), count: 99)
                + [.answer(200, #"{"balances":[]}"#)])
        let venue = try venue(transport)
        _ = try venue.instruments(["BTCUSDT"])
        let view = venue.budget.view(now: 1_700_000_000_000)
        #expect(view.uses.map(\.allowed) == [100, 60, 90_000])
        #expect(view.uses.map(\.window) == [60_000, 10_000, 86_400_000])
        var reads = 0
        while failure({ () throws(VenueError) in try venue.serverTime() }) == nil { reads += 1 }
        #expect(reads == 52)  // 80 % of 90 %, less the 20 of the rules.
        #expect(venue.budget.take(9, for: .order, now: 1_700_000_000_000) == .allowed)
        #expect(venue.budget.take(19, for: .cancel, now: 1_700_000_000_000) == .allowed)
        #expect(venue.budget.take(1, for: .cancel, now: 1_700_000_000_000) != .allowed)
    }

    @Test("What one was told holds for another at the same address", arguments: [429, 418])
    func sharedSilence(_ status: Int) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("budget").path
        let told = ScriptedTransport([.answer(status, "", retryAfter: 30)])
        let other = ScriptedTransport([.answer(200, #"{"serverTime":1}"#)])
        let venues = try [(told, UInt64(1)), (other, 2)].map { transport, account in
            try BinanceVenue(
                .custom(host: "127.0.0.1", port: 9443, caFile: "ca.pem"), credentials: nil,
                transport: transport, clock: Clock(manual: time),
                budget: RequestBudget(path: path, account: account, percent: 90))
        }
        _ = failure { () throws(VenueError) in try venues[0].serverTime() }
        let error = failure { () throws(VenueError) in try venues[1].serverTime() }
        #expect(error?.retryAfter == 1_700_000_030_000)
        #expect(other.requests.isEmpty)
        let view = venues[1].budget.view(now: 1_700_000_000_000)
        #expect(view.blockedUntil == 1_700_000_030_000)
        #expect(view.bannedUntil == (status == 418 ? 1_700_000_030_000 : nil))
        time.advance(by: 30_000_000_000)
        #expect(try venues[1].serverTime() == 1_000_000)
    }

    @Test("The snapshot is handed on as it came")
    func depth() throws {
        let body = #"{"lastUpdateId":1,"bids":[],"asks":[]}"#
        let transport = ScriptedTransport([.answer(200, body)])
        #expect(try venue(transport).depthBody(Sample.bitcoin) == Array(body.utf8))
        #expect(transport.requests.first?.target == "/api/v3/depth?symbol=BTCUSDT&limit=1000")
    }

    @Test("A witness is the best few levels")
    func witness() throws {
        let body = #"{"lastUpdateId":1,"bids":[],"asks":[]}"#
        let transport = ScriptedTransport([.answer(200, body)])
        #expect(try venue(transport).witnessBody(Sample.bitcoin) == Array(body.utf8))
        #expect(transport.requests.first?.target == "/api/v3/depth?symbol=BTCUSDT&limit=5")
    }

    private static let order = """
        {"symbol":"BTCUSDT","orderId":7,"clientOrderId":"n1","price":"25000.10",
         "origQty":"0.50000","executedQty":"0.10000","status":"PARTIALLY_FILLED","side":"SELL"}
        """

    @Test("Orders are exact and unknown states keep their name")
    func orders() throws {
        let transport = ScriptedTransport([
            .answer(200, "[\(Self.order)]"),
            .answer(200, Self.order.replacingOccurrences(of: "PARTIALLY_FILLED", with: "ODD")),
            .answer(400, #"{"code":-2013,"msg":"Order does not exist."}"#),
            .answer(200, Self.order.replacingOccurrences(of: "25000.10", with: "25000.101")),
            .answer(200, Self.order.replacingOccurrences(of: "BTCUSDT", with: "ETHUSDT")),
        ])
        let venue = try venue(transport)
        let open = try venue.openOrders(Sample.bitcoin)
        #expect(
            open == [
                VenueOrder(
                    id: 7, clientID: "n1", side: .sell, state: .open,
                    price: Price(ticks: 2_500_010), quantity: Quantity(lots: 50_000),
                    filled: Quantity(lots: 10_000))
            ])
        #expect(try venue.order("n1", Sample.bitcoin).state == .unknown("ODD"))
        #expect(transport.requests.last?.target.contains("origClientOrderId=n1&") == true)
        let kinds = (0..<3).map { _ in
            failure { () throws(VenueError) in try venue.order("n1", Sample.bitcoin) }?.kind
        }
        #expect(kinds == [.orderNotFound, .malformed, .malformed])
    }

    /// A page of trades with ids from `first` on.
    private func page(_ first: Int, _ count: Int) -> ScriptedTransport.Step {
        let rows = (0..<count).map { row in
            """
            {"symbol":"BTCUSDT","id":\(first + row),"orderId":7,"price":"25000.10","qty":"0.00001",
             "commission":"0.1","commissionAsset":"USDT","time":1700000000000,"isBuyer":true,
             "isMaker":false}
            """
        }
        return .answer(200, "[" + rows.joined(separator: ",") + "]")
    }

    @Test("Trades are paged to their end")
    func trades() throws {
        let transport = ScriptedTransport([
            page(10, BinanceVenue.tradesPerPage), page(2_000, 3),
        ])
        let trades = try venue(transport).trades(Sample.bitcoin, from: 5)
        #expect(trades.count == BinanceVenue.tradesPerPage + 3)
        #expect(trades.last?.id == 2_002)
        #expect(trades.first?.fee == Money(units: 10_000_000))
        #expect(transport.requests[0].target.contains("fromId=5&"))
        #expect(transport.requests[1].target.contains("fromId=1010&"))
    }

    @Test(
        "Trades that do not rise, or cannot rise further, end the paging", arguments: [1, Int.max])
    func unorderedTrades(_ first: Int) throws {
        let venue = try venue(ScriptedTransport([page(first, 1)]))
        let error = failure { () throws(VenueError) in try venue.trades(Sample.bitcoin, from: 5) }
        #expect(error?.kind == .malformed)
    }

    @Test(
        "Answers that are not what was asked for are malformed",
        arguments: ["null", "[]", "{}", #"{"serverTime":"soon"}"#])
    func malformed(_ body: String) throws {
        let venue = try venue(ScriptedTransport([.answer(200, body)]))
        #expect(failure { () throws(VenueError) in try venue.serverTime() }?.kind == .malformed)
    }

    @Test(
        "A page or nothing in place of data is a venue that is down, and is asked again",
        arguments: ["", " \n", "<html><body>maintenance</body></html>"])
    func page(_ body: String) throws {
        let transport = ScriptedTransport(
            Array(repeating: .answer(200, body), count: BinanceVenue.maxAttempts))
        let venue = try venue(transport)
        #expect(failure { () throws(VenueError) in try venue.serverTime() }?.kind == .unavailable)
        #expect(transport.requests.count == BinanceVenue.maxAttempts)
    }

    @Test("Streams carry host, certificate and the address that was resolved")
    func streams() throws {
        let venue = try venue(ScriptedTransport([]))
        let streams = try venue.streams(withOrders: true) { _ in ["127.0.0.1"] }
        #expect(streams.map(\.role) == [.market, .orders])
        #expect(streams.map(\.path) == ["/stream", "/ws-api/v3"])
        #expect(streams.allSatisfy { $0.address == "127.0.0.1" && $0.caFile == "ca.pem" })
        #expect(streams.allSatisfy { $0.feed == FeedConfiguration() })
        #expect(try venue.streams(withOrders: false) { _ in ["::1"] }.count == 1)
    }

    @Test("A standby has the same subscriptions and, where there is one, another address")
    func standby() throws {
        let venue = try venue(ScriptedTransport([]))
        let streams = try venue.streams(withOrders: true, standby: true, renewAfter: 82_800) { _ in
            ["127.0.0.1", "127.0.0.2"]
        }
        #expect(streams.map(\.role) == [.market, .orders, .market])
        #expect(streams.map(\.path) == ["/stream", "/ws-api/v3", "/stream"])
        #expect(streams.map(\.address) == ["127.0.0.1", "127.0.0.1", "127.0.0.2"])
        #expect(streams.map(\.feed.group) == [1, 0, 1])
        #expect(streams.allSatisfy { $0.feed.renewAfter == 82_800_000_000_000 })
        let alone = try venue.streams(withOrders: false, standby: true) { _ in ["::1"] }
        #expect(alone.map(\.address) == ["::1", "::1"])
    }

    @Test("Accounts have marks of their own")
    func marks() throws {
        let one = try venue(ScriptedTransport([]))
        let other = try venue(ScriptedTransport([]), credentials: Sample.ed25519)
        #expect(one.accountMark.count == 16)
        #expect(one.accountMark != other.accountMark)
    }
}
