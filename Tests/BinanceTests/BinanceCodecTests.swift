import Core
import Testing
import VenueKit

@testable import Binance

@Suite("Binance codec") struct BinanceCodecTests {
    @Test("Decodes through the core's own seam")
    func describes() throws {
        let codec = try BinanceCodec(instruments: [Sample.bitcoin], instance: 1)
        let trade = """
            {"e":"trade","E":1700000000000,"s":"BTCUSDT","t":5,"p":"25000.10","q":"0.5",
             "T":1700000000000,"m":true,"M":true}
            """
        let told = codec.describe(Array(trade.utf8), role: .market)
        #expect(told.status == 0)
        #expect(told.text == "trade BTCUSDT id=5 price=2500010 quantity=50000 sell\n")
        let snapshot = #"{"lastUpdateId":9,"bids":[["1.00","2"]],"asks":[]}"#
        let book = codec.describe(
            Array(snapshot.utf8), role: .snapshot, instrument: InstrumentID(slot: 0))
        #expect(book.text.hasPrefix("snapshot BTCUSDT first=9 last=9"))
    }

    @Test("Counts what it knows and does not handle")
    func unsupported() throws {
        let codec = try BinanceCodec(instruments: [Sample.bitcoin], instance: 1)
        let told = codec.describe(Array(#"{"e":"24hrTicker"}"#.utf8), role: .market)
        #expect(told.isUnsupported)
        #expect(codec.lastUnsupported == "24hrTicker")
        #expect(codec.unsupported.first { $0.name == "24hrTicker" }?.count == 1)
    }

    @Test("A broken configuration is refused with its reason")
    func refuses() {
        do throws(VenueError) {
            _ = try BinanceCodec(
                instruments: [Sample.bitcoin], instance: 1,
                credentials: BinanceCredentials(apiKey: "k k", secret: .hmac("s")))
            Issue.record("taken")
        } catch {
            #expect(error.text == "the API key is malformed")
        }
        #expect(throws: VenueError.self) {
            try BinanceCodec(instruments: [Sample.bitcoin, Sample.bitcoin], instance: 1)
        }
        #expect(throws: VenueError.self) {
            try BinanceCodec(instruments: [Sample.bitcoin], instance: 1, streams: ["a\"b"])
        }
    }
}
