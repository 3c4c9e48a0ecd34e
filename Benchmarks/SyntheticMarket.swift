// SyntheticMarket.swift — a seeded market that speaks as Binance's combined streams do.
//
// The middle wanders by up to two ticks per depth message; levels change near it mostly, with a
// tail; a level that the middle overran is removed, so that a book built from it never crosses.
import Binance
import Core
import VenueKit

struct SyntheticMarket {
    /// Per side of a depth message; the mean of recorded BTCUSDT streams is near it.
    private static let changes: UInt64 = 34
    private static let snapshotLevels: Int64 = 1000
    private static let tail: UInt64 = 500
    private static let start: Int64 = 6_000_000

    private var random: Random
    private var mid = SyntheticMarket.start
    private var updateID: Int64 = 1_000_000
    private var tradeID: Int64 = 5_000_000
    private var time: Int64 = 1_700_000_000_000

    init(seed: UInt64) { random = Random(seed: seed) }

    static let instrument = Instrument(
        symbol: "BTCUSDT", base: "BTC", quote: "USDT", priceDecimals: 2, quantityDecimals: 5)

    static func codec() throws(BenchmarkError) -> BinanceCodec {
        do throws(VenueError) {
            return try BinanceCodec(instruments: [instrument], instance: 1)
        } catch {
            throw BenchmarkError("the codec: \(error.text)")
        }
    }

    // MARK: Messages

    /// The book before the first depth message, as REST gives it.
    func snapshot() -> [UInt8] {
        let bids = (1...Self.snapshotLevels).map { level(mid - $0, 1000 + $0) }
        let asks = (1...Self.snapshotLevels).map { level(mid + $0, 1000 + $0) }
        return bytes(
            #"{"lastUpdateId":\#(updateID),"bids":[\#(bids.joined(separator: ","))],"#
                + #""asks":[\#(asks.joined(separator: ","))]}"#)
    }

    mutating func depth() -> [UInt8] {
        let move = Int64(random.below(5)) - 2
        var bids: [Int64: Int64] = [:]
        var asks: [Int64: Int64] = [:]
        // What the middle overruns disappears; what it leaves behind fills up.
        for price in min(mid, mid + move)...max(mid, mid + move) {
            bids[price] = price < mid + move ? lots() : 0
            asks[price] = price > mid + move ? lots() : 0
        }
        mid += move
        for _ in 0..<(Self.changes / 2 + random.below(Self.changes)) {
            bids[mid - distance()] = random.below(5) == 0 ? 0 : lots()
            asks[mid + distance()] = random.below(5) == 0 ? 0 : lots()
        }
        bids[mid - 1] = lots()
        asks[mid + 1] = lots()
        let first = updateID + 1
        updateID += Int64(bids.count + asks.count)
        time += 100
        let bidText = side(bids, downwards: true)
        let askText = side(asks, downwards: false)
        return bytes(
            #"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":\#(time),"#
                + #""s":"BTCUSDT","U":\#(first),"u":\#(updateID),"#
                + #""b":[\#(bidText)],"a":[\#(askText)]}}"#)
    }

    mutating func quote() -> [UInt8] {
        mid += Int64(random.below(3)) - 1
        updateID += 1
        return bytes(
            #"{"stream":"btcusdt@bookTicker","data":{"u":\#(updateID),"s":"BTCUSDT","#
                + #""b":"\#(price(mid - 1))","B":"\#(quantity(lots()))","#
                + #""a":"\#(price(mid + 1))","A":"\#(quantity(lots()))"}}"#)
    }

    mutating func trade() -> [UInt8] {
        mid += Int64(random.below(3)) - 1
        tradeID += 1
        time += 3
        let sells = random.below(2) == 0
        return bytes(
            #"{"stream":"btcusdt@trade","data":{"e":"trade","E":\#(time),"s":"BTCUSDT","#
                + #""t":\#(tradeID),"p":"\#(price(sells ? mid - 1 : mid + 1))","#
                + #""q":"\#(quantity(lots()))","T":\#(time - 1),"m":\#(sells),"M":true}}"#)
    }

    // MARK: Numbers

    /// One tick most often, each further one less so; now and then anywhere in the tail.
    private mutating func distance() -> Int64 {
        if random.below(10) == 0 { return 1 + Int64(random.below(Self.tail)) }
        var ticks: Int64 = 1
        while ticks < 100, random.below(8) > 0 { ticks += 1 }
        return ticks
    }

    private mutating func lots() -> Int64 { 1 + Int64(random.below(500_000)) }

    /// In order of price: a dictionary's own order changes from run to run.
    private func side(_ levels: [Int64: Int64], downwards: Bool) -> String {
        levels.sorted { downwards ? $0.key > $1.key : $0.key < $1.key }
            .map { level($0.key, $0.value) }.joined(separator: ",")
    }

    private func level(_ ticks: Int64, _ lots: Int64) -> String {
        #"["\#(price(ticks))","\#(quantity(lots))"]"#
    }

    /// Eight decimals, as the venue writes every number.
    private func price(_ ticks: Int64) -> String { Decimals.text(ticks * 1_000_000, decimals: 8) }
    private func quantity(_ lots: Int64) -> String { Decimals.text(lots * 1_000, decimals: 8) }
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
