// HostileInputTests.swift — whatever arrives, the venue answers or refuses, and stays sound.
import Core
import Foundation
import Simulator
import Testing

@Suite("Hostile input") struct HostileInputTests {
    private let orders = [
        #"{"id":1,"method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","#
            + #""timeInForce":"GTC","quantity":"0.1","price":"99.5","timestamp":1}}"#,
        #"{"id":"x","method":"depth","params":{"symbol":"BTCUSDT","limit":5}}"#,
        #"{"id":null,"method":"klines","params":{"symbol":"BTCUSDT","interval":"1m"}}"#,
        #"{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":3}"#,
    ]

    @Test("Survives mutated messages on every kind of connection", arguments: 1...10)
    func survivesMutations(seed: UInt64) throws {
        let test = try TestVenue()
        test.makeBook()
        let before = test.totals()
        var random = Random(seed: seed)
        for _ in 0..<300 {
            let api = try #require(test.connect("/ws-api/v3", query: "returnRateLimits=false"))
            let market = try #require(test.connect("/ws"))
            for peer in [api, market] {
                test.venue.receive(mutated(&random), from: peer, now: test.now)
                let contents = test.contents(peer)
                #expect(contents.count <= 1)
                for case .text(let bytes) in contents {
                    #expect((try? JSONSerialization.jsonObject(with: Data(bytes))) != nil)
                }
                test.venue.close(peer)
            }
            test.now += 1_000
        }
        #expect(test.totals() == before)
    }

    private func mutated(_ random: inout Random) -> [UInt8] {
        var bytes = Array(orders[Int(random.below(UInt64(orders.count)))].utf8)
        for _ in 0...random.below(4) {
            let at = Int(random.below(UInt64(bytes.count)))
            switch random.below(4) {
            case 0: bytes[at] = UInt8(random.below(256))
            case 1: bytes.remove(at: at)
            case 2: bytes.insert(bytes[at], at: at)
            default: bytes.removeSubrange(at...)
            }
            if bytes.isEmpty { bytes = [0] }
        }
        return bytes
    }

    @Test(
        "Refuses numbers at the edge of their types, signed and in form",
        arguments: [
            "9223372036854775807", "92233720368.54775807", "18446744073709551616", "0.00000000",
            "000000000000000000001", ".5", "5.", "+1", "1_0", "%F0%9F%92%B0", "%ZZ", "%", "%00",
        ])
    func refusesEdgeNumbers(number: String) throws {
        let test = try TestVenue()
        test.makeBook()
        let before = test.totals()
        for name in ["quantity", "price", "stopPrice", "quoteOrderQty"] {
            let type =
                name == "stopPrice" ? "STOP_LOSS" : name == "quoteOrderQty" ? "MARKET" : "LIMIT"
            var fields = ["symbol": "BTCUSDT", "side": "BUY", "type": type]
            if type == "LIMIT" { fields["timeInForce"] = "GTC" }
            if type != "MARKET" { fields["quantity"] = "1" }
            if type == "LIMIT" { fields["price"] = "99" }
            fields[name] = number
            let text = fields.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
            let answer = test.signed("POST", "order", text)
            #expect(answer.status == 400, "\(name)=\(number)")
            #expect((answer.code ?? 0) < -1000)
        }
        for query in ["limit=\(number)", "fromId=\(number)", "startTime=\(number)"] {
            let status = test.rest("GET", "aggTrades", query: "symbol=BTCUSDT&" + query).status
            #expect(status == 200 || status == 400)
        }
        #expect(test.totals() == before)
    }
}
