// DemoMarkets.swift — what the demo and `sim serve` trade: real bars where they were fetched, a
// seeded walk where not, or a recording that the user names.
import Core
import Foundation
import Simulator

public struct DemoMarkets: Sendable {
    public var markets: [SimulatedMarket]
    /// Where the prices come from, in words for the screen.
    public var origin: String
    /// Of a recording, for its symbol.
    private static let linesLookedAt = 100

    /// Real bars from `directory` (made by `make setup`), else seeded walks.
    public static func standard(directory: String) -> DemoMarkets {
        var index = SimulatedMarket(
            symbol: "SPXUSDT", base: "SPX", quote: "USDT", source: .flow(start: 1400))
        index.priceDecimals = 2
        index.quantityDecimals = 4
        var euro = SimulatedMarket(
            symbol: "EURUSDT", base: "EUR", quote: "USDT", source: .flow(start: 1.1))
        euro.priceDecimals = 5
        euro.quantityDecimals = 1
        let bars = "\(directory)/sp500_daily.csv"
        let hours = "\(directory)/eurusd_hourly.csv"
        let files = FileManager.default
        guard files.fileExists(atPath: bars), files.fileExists(atPath: hours) else {
            return DemoMarkets(
                markets: [index, euro], origin: "seeded random walks (no price data fetched)")
        }
        index.source = .bars(path: bars)
        euro.source = .bars(path: hours)
        return DemoMarkets(
            markets: [index, euro],
            origin: "seeded flow inside real bars: S&P 500 daily 1999-2018, EUR/USD hourly 2017")
    }

    /// A recording: lines of receive time and message, plain or `.gz`.
    public static func capture(_ path: String) throws(BotError) -> DemoMarkets {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw .setup("\(path) cannot be read; name a recorded capture")
        }
        guard let symbol = try firstSymbol(path) else {
            throw .setup("\(path) names no symbol in its first lines; is it a Binance capture?")
        }
        let quote = ["USDT", "USDC", "FDUSD", "USD", "BTC", "EUR"].first { symbol.hasSuffix($0) }
        guard let quote, quote.count < symbol.count else {
            throw .setup("\(path): the quote currency of \(symbol) is not known")
        }
        let market = SimulatedMarket(
            symbol: symbol, base: String(symbol.dropLast(quote.count)), quote: quote,
            source: .capture(path: path))
        let name = URL(fileURLWithPath: path).lastPathComponent
        return DemoMarkets(markets: [market], origin: "recording \(name), matching: recorded")
    }

    private static func firstSymbol(_ path: String) throws(BotError) -> String? {
        do throws(ReplayError) {
            let lines = try TextLines(path)
            while lines.number < linesLookedAt, let line = try lines.next() {
                let text = String(decoding: line, as: UTF8.self)
                guard let range = text.range(of: "\"s\":\"") else { continue }
                return String(text[range.upperBound...].prefix { $0 != "\"" })
            }
            return nil
        } catch {
            throw .setup(error.description)
        }
    }
}
