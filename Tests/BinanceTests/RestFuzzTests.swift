// RestFuzzTests.swift — REST answers changed by a seed: a typed error or values that the answer
// writes, never a trap, never a bad number as a price.
import Core
import Foundation
import TestKit
import Testing
import VenueKit

@testable import Binance

/// The same answer to every request.
private final class FixedTransport: HTTPTransport {
    private let response: HTTPResponse

    init(_ status: Int, _ body: [UInt8]) { response = HTTPResponse(status: status, body: body) }

    func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse { response }
}

/// A number of an answer: value × 10^-decimals.
private struct Written {
    var value: Int64
    var decimals: UInt32
    var mustBePositive = false

    /// As the venue may have written it, without zeros at its end.
    func stands(in body: [UInt8]) -> Bool {
        guard value != 0 else { return true }
        var text = Array(Decimals.text(value, decimals: decimals).utf8)
        while decimals > 0, text.last == UInt8(ascii: "0") { text.removeLast() }
        if text.last == UInt8(ascii: ".") { text.removeLast() }
        return Data(body).range(of: Data(text)) != nil
    }
}

/// One endpoint: a good answer, which of its texts are numbers, and what is read from it.
private struct Endpoint: Sendable {
    var name: String
    var sample: String
    var numbers: [String]
    var read: @Sendable (BinanceVenue) throws(VenueError) -> [Written]

    static let all = [ticker, account, orders, trades, rules, time]

    static let ticker = Endpoint(
        name: "ticker/price", sample: #"{"symbol":"BTCUSDT","price":"25000.10"}"#,
        numbers: ["25000.10"]
    ) { (venue) throws(VenueError) in
        let price = try venue.lastPrice(Sample.bitcoin)
        return [Written(value: price.ticks, decimals: 2, mustBePositive: true)]
    }

    static let account = Endpoint(
        name: "account",
        sample: """
            {"makerCommission":15,"balances":[{"asset":"BTC","free":"1.25000000",
            "locked":"0.50000000"},{"asset":"USDT","free":"100.00000001","locked":"0.00000000"}]}
            """,
        numbers: ["1.25000000", "0.50000000", "100.00000001"]
    ) { (venue) throws(VenueError) in
        try venue.balances().flatMap { row in
            [
                Written(value: row.free.units, decimals: 8),
                Written(value: row.locked.units, decimals: 8),
            ]
        }
    }

    static let orders = Endpoint(
        name: "openOrders",
        sample: """
            [{"symbol":"BTCUSDT","orderId":501,"clientOrderId":"x1","price":"25000.20",
            "origQty":"0.30000","executedQty":"0.10000","status":"PARTIALLY_FILLED",
            "timeInForce":"GTC","type":"LIMIT","side":"BUY","isWorking":true}]
            """,
        numbers: ["25000.20", "0.30000", "0.10000"]
    ) { (venue) throws(VenueError) in
        try venue.openOrders(Sample.bitcoin).flatMap { order in
            [
                Written(value: order.price.ticks, decimals: 2),
                Written(value: order.quantity.lots, decimals: 5),
                Written(value: order.filled.lots, decimals: 5),
            ]
        }
    }

    static let trades = Endpoint(
        name: "myTrades",
        sample: """
            [{"symbol":"BTCUSDT","id":61,"orderId":501,"price":"25000.20","qty":"0.10000",
            "commission":"0.00010000","commissionAsset":"BNB","time":1700000000200,
            "isBuyer":true,"isMaker":false}]
            """,
        numbers: ["25000.20", "0.10000", "0.00010000"]
    ) { (venue) throws(VenueError) in
        try venue.trades(Sample.bitcoin, from: 0).flatMap { trade in
            [
                Written(value: trade.price.ticks, decimals: 2, mustBePositive: true),
                Written(value: trade.quantity.lots, decimals: 5, mustBePositive: true),
                Written(value: trade.fee.units, decimals: 8),
            ]
        }
    }

    static let rules = Endpoint(
        name: "exchangeInfo",
        sample: """
            {"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC",
            "quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","minPrice":"0.03000000",
            "maxPrice":"1000000.00","tickSize":"0.01000000"},{"filterType":"LOT_SIZE",
            "minQty":"0.00002","maxQty":"9000.1","stepSize":"0.00001"},
            {"filterType":"NOTIONAL","minNotional":"5.5","maxNotional":"9000000.25"},
            {"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}]}]}
            """,
        numbers: [
            "0.03000000", "1000000.00", "0.01000000", "0.00002", "9000.1", "0.00001", "5.5",
            "9000000.25",
        ]
    ) { (venue) throws(VenueError) in
        try venue.instruments(["BTCUSDT"]).flatMap { rules in
            // Limits are rounded to steps, so only their signs can be held against the text.
            [
                rules.tickUnits, rules.lotUnits, rules.minPrice, rules.maxPrice,
                rules.minQuantity, rules.maxQuantity,
            ].map { Written(value: min($0, 0), decimals: 0) }
        }
    }

    static let time = Endpoint(
        name: "time", sample: #"{"serverTime":1700000000123}"#, numbers: []
    ) { (venue) throws(VenueError) in
        // A whole number may be written with an exponent.
        [Written(value: min(try venue.serverTime(), 0), decimals: 0)]
    }
}

@Suite("REST answers by a seed") struct RestFuzzTests {
    private static let rounds = 1500

    /// Nil: a typed error.
    private func read(_ endpoint: Endpoint, _ status: Int, _ body: [UInt8]) throws -> [Written]? {
        let venue = try BinanceVenue(
            .custom(host: "127.0.0.1", port: 9443, caFile: "ca.pem"), credentials: Sample.hmac,
            transport: FixedTransport(status, body),
            clock: Clock(manual: ManualTime(wall: 1_700_000_000_000_000_000)),
            budget: RequestBudget(percent: 90), pause: { _ in })
        do throws(VenueError) {
            return try endpoint.read(venue)
        } catch {
            return nil
        }
    }

    @Test("The samples are good", arguments: Endpoint.all.map(\.name)) func samples(
        _ name: String
    ) throws {
        let endpoint = try #require(Endpoint.all.first { $0.name == name })
        #expect(try read(endpoint, 200, Array(endpoint.sample.utf8)) != nil)
    }

    @Test("Changed answers give an error or what they write", arguments: Endpoint.all.map(\.name))
    func changed(_ name: String) throws {
        let endpoint = try #require(Endpoint.all.first { $0.name == name })
        var mutator = Mutator(seed: 7)
        for round in 0..<Self.rounds {
            let body = mutator.mutate(Array(endpoint.sample.utf8))
            let status = [200, 200, 200, 400, 503][mutator.below(5)]
            guard let found = try read(endpoint, status, body) else { continue }
            #expect(status == 200)
            let bad = found.contains {
                $0.value < 0 || ($0.mustBePositive && $0.value == 0) || !$0.stands(in: body)
            }
            #expect(!bad, "round \(round): \(String(decoding: body, as: UTF8.self))")
        }
    }

    @Test("An answer cut at any byte is an error", arguments: Endpoint.all.map(\.name)) func cut(
        _ name: String
    ) throws {
        let endpoint = try #require(Endpoint.all.first { $0.name == name })
        let body = Array(endpoint.sample.utf8)
        for length in 0..<body.count {
            #expect(try read(endpoint, 200, Array(body[..<length])) == nil, "\(length) bytes")
        }
    }

    @Test("No bad number is taken as a price or a quantity", arguments: Endpoint.all.map(\.name))
    func badNumbers(_ name: String) throws {
        let endpoint = try #require(Endpoint.all.first { $0.name == name })
        for number in endpoint.numbers {
            let bad = Mutator.badNumbers.map { "\"\($0)\"" } + Mutator.badValues
            for text in bad {
                let body = endpoint.sample.replacing("\"\(number)\"", with: text)
                #expect(body != endpoint.sample)
                #expect(try read(endpoint, 200, Array(body.utf8)) == nil, "\(number) as \(text)")
            }
        }
    }

    @Test("A name twice, bad UTF-8 and deep nesting are errors")
    func odd() throws {
        let bodies: [[UInt8]] = [
            Array(#"{"symbol":"BTCUSDT","price":"1.00","price":"2.00"}"#.utf8),
            Array(#"{"price":"1.00","x":""#.utf8) + [0xc0, 0xaf] + Array(#""}"#.utf8),
            Array(#"{"price":"1.00","x":"#.utf8)
                + Array(repeating: UInt8(ascii: "["), count: 99_999),
            Array(#"{"price":"0.00"}"#.utf8),
        ]
        for body in bodies { #expect(try read(.ticker, 200, body) == nil) }
    }

    @Test("A trade without price or quantity is no trade", arguments: ["25000.20", "0.10000"])
    func emptyTrade(_ number: String) throws {
        let body = Endpoint.trades.sample.replacing("\"\(number)\"", with: "\"0.00\"")
        #expect(try read(.trades, 200, Array(body.utf8)) == nil)
    }
}
