import Core
import Foundation
import Testing
import VenueKit

@testable import Binance

@Suite("Symbol rules") struct ExchangeInfoTests {
    private func rules(_ filters: String) throws -> SymbolRules {
        let json = """
            {"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT",
             "orderTypes":["LIMIT"],"filters":[\(filters)]}
            """
        return try JSONDecoder().decode(SymbolRules.self, from: Data(json.utf8))
    }

    @Test("Filters become ticks, lots and money, exactly")
    func translatesFilters() throws {
        let instrument = try rules(
            """
            {"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000",
             "tickSize":"0.01000000"},
            {"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000",
             "stepSize":"0.00001000"},
            {"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"85.12345678",
             "stepSize":"0.00000000"},
            {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,
             "maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5},
            {"filterType":"ICEBERG_PARTS","limit":10},
            {"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"5","bidMultiplierDown":"0.2",
             "askMultiplierUp":"5","askMultiplierDown":"0.2","avgPriceMins":5},
            {"filterType":"SOMETHING_NEW","x":1}
            """
        ).instrument()
        #expect(instrument.priceDecimals == 2)
        #expect(instrument.tickUnits == 1)
        #expect(instrument.quantityDecimals == 5)
        #expect(instrument.lotUnits == 1)
        #expect(instrument.minPrice == 1)
        #expect(instrument.maxPrice == 100_000_000)
        #expect(instrument.minQuantity == 1)
        #expect(instrument.maxQuantity == 900_000_000)
        #expect(instrument.minMarketQuantity == 0)
        #expect(instrument.maxMarketQuantity == 8_512_345)
        #expect(instrument.minNotional == Money(5))
        #expect(instrument.maxNotional == Money(9_000_000))
    }

    @Test("Steps that are no power of ten keep their units")
    func oddSteps() throws {
        let instrument = try rules(
            """
            {"filterType":"PRICE_FILTER","minPrice":"0.03","maxPrice":"0.00","tickSize":"0.05"},
            {"filterType":"LOT_SIZE","minQty":"5","maxQty":"1234","stepSize":"10.00000000"},
            {"filterType":"MIN_NOTIONAL","minNotional":"0.00010000","applyToMarket":true,
             "avgPriceMins":5}
            """
        ).instrument()
        #expect(instrument.priceDecimals == 2)
        #expect(instrument.tickUnits == 5)
        // The smallest allowed price on the grid lies above 0.03; a maximum of zero is none.
        #expect(instrument.minPrice == 1)
        #expect(instrument.maxPrice == 0)
        #expect(instrument.quantityDecimals == 0)
        #expect(instrument.lotUnits == 10)
        #expect(instrument.minQuantity == 1)
        #expect(instrument.maxQuantity == 123)
        #expect(instrument.minNotional == Money(units: 10_000))
    }

    @Test("The largest quantities that the venue states fit")
    func largest() throws {
        let instrument = try rules(
            """
            {"filterType":"PRICE_FILTER","minPrice":"0.00000001","maxPrice":"1.00000000",
             "tickSize":"0.00000001"},
            {"filterType":"LOT_SIZE","minQty":"1.00","maxQty":"92141578.00","stepSize":"1.00"}
            """
        ).instrument()
        #expect(instrument.priceDecimals == 8)
        #expect(instrument.maxPrice == 100_000_000)
        #expect(instrument.maxQuantity == 92_141_578)
    }

    @Test("Without filters eight decimals hold")
    func withoutFilters() throws {
        let instrument = try rules("").instrument()
        #expect(instrument.priceDecimals == 8)
        #expect(instrument.quantityDecimals == 8)
        #expect(instrument.tickUnits == 1)
    }

    @Test(
        "Malformed numbers are refused",
        arguments: ["", "x", "-0.01", "1e-2", "0.01.0", ".", "1.", "NaN", "99999999999999999999"])
    func malformed(_ text: String) {
        #expect(throws: (any Error).self) {
            try rules(
                """
                {"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":"\(text)"}
                """)
        }
    }

    @Test("A JSON number in place of a text is refused")
    func number() {
        #expect(throws: (any Error).self) {
            try rules(
                """
                {"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0","tickSize":0.01}
                """)
        }
    }

    @Test("Too fine a step and too long a name are named")
    func refusals() throws {
        let fine = try rules(
            """
            {"filterType":"PRICE_FILTER","minPrice":"0","maxPrice":"0",
             "tickSize":"0.0000000000001"}
            """)
        #expect(throws: VenueError.self) { try fine.instrument() }
        let json = """
            {"symbol":"ABCDEFGHIJKLMNOPQRSTUVWXYZ","status":"TRADING","baseAsset":"A",
             "quoteAsset":"B"}
            """
        let long = try JSONDecoder().decode(SymbolRules.self, from: Data(json.utf8))
        do throws(VenueError) {
            _ = try long.instrument()
            Issue.record("taken")
        } catch {
            #expect(error.text.contains("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        }
    }
}

@Suite("Exact decimals") struct ExactDecimalTests {
    @Test("Trailing zeros go, digits stay")
    func normalizes() throws {
        #expect(try ExactDecimal("0.01000000") == ExactDecimal("0.01"))
        #expect(try ExactDecimal("100").mantissa == 100)
        #expect(try ExactDecimal("100.000").decimals == 0)
        #expect(try ExactDecimal("0.00000000").isZero)
    }

    @Test("Counts round as asked and never overflow silently")
    func counts() throws {
        let value = try ExactDecimal("1.25")
        #expect(try value.count(places: 1, units: 1, .down) == 12)
        #expect(try value.count(places: 1, units: 1, .up) == 13)
        #expect(try value.count(places: 4, units: 5, .down) == 2_500)
        #expect(try value.count(places: 0, units: 10, .up) == 1)
        #expect(throws: CoreError.self) {
            try ExactDecimal("9223372036854775807").count(places: 1, units: 1, .down)
        }
        #expect(try ExactDecimal("0.5").count(places: 0, units: .max, .up) == 1)
    }
}
