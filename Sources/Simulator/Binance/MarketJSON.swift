// MarketJSON.swift — what is public of one pair, as REST answers and as stream events.
import Core

struct MarketJSON {
    let market: Market
    private var listing: Listing { market.listing }

    init(_ market: Market) { self.market = market }

    private func price(_ ticks: Int64) -> Int64 { ticks * listing.tickUnits }
    private func quantity(_ lots: Int64) -> Int64 { lots * listing.lotUnits }

    // MARK: Book

    func depth(_ json: inout JSONWriter, limit: Int) {
        json.object { json in
            json.member("lastUpdateId", market.levels.updateID)
            json.name("bids")
            levels(&json, market.depth(.buy, limit: limit))
            json.name("asks")
            levels(&json, market.depth(.sell, limit: limit))
        }
    }

    func depthUpdate(_ json: inout JSONWriter, _ changes: LevelChanges, now: Int64) {
        json.object { json in
            header(&json, "depthUpdate", now)
            json.member("U", changes.firstID)
            json.member("u", changes.lastID)
            json.name("b")
            levels(&json, changes.bids)
            json.name("a")
            levels(&json, changes.asks)
        }
    }

    private func levels(_ json: inout JSONWriter, _ levels: [MatchingEngine.Level]) {
        json.array { json in
            for level in levels {
                json.array { json in
                    json.amount(price(level.price))
                    json.amount(quantity(level.quantity))
                }
            }
        }
    }

    func bookTicker(_ json: inout JSONWriter, _ quote: Quote) {
        json.object { json in
            json.member("u", quote.updateID)
            json.member("s", listing.symbol)
            best(&json, ["b", "B", "a", "A"], of: [quote.bid, quote.ask])
        }
    }

    private func best(_ json: inout JSONWriter, _ names: [String]) {
        best(&json, names, of: [market.best(.buy), market.best(.sell)])
    }

    private func best(
        _ json: inout JSONWriter, _ names: [String], of sides: [MatchingEngine.Level?]
    ) {
        for (index, level) in sides.enumerated() {
            json.member(names[2 * index], amount: price(level?.price ?? 0))
            json.member(names[2 * index + 1], amount: quantity(level?.quantity ?? 0))
        }
    }

    func symbolBook(_ json: inout JSONWriter) {
        json.object { json in
            json.member("symbol", listing.symbol)
            best(&json, ["bidPrice", "bidQty", "askPrice", "askQty"])
        }
    }

    // MARK: Trades

    func trade(_ json: inout JSONWriter, _ trade: PublicTrade) {
        json.object { json in
            json.member("id", trade.id)
            json.member("price", amount: price(trade.price))
            json.member("qty", amount: quantity(trade.quantity))
            json.member("quoteQty", amount: trade.value)
            json.member("time", trade.time)
            json.member("isBuyerMaker", trade.aggressor == .sell)
            json.member("isBestMatch", true)
        }
    }

    func tradeEvent(_ json: inout JSONWriter, _ trade: PublicTrade, now: Int64) {
        json.object { json in
            header(&json, "trade", now)
            json.member("t", trade.id)
            json.member("p", amount: price(trade.price))
            json.member("q", amount: quantity(trade.quantity))
            json.member("T", trade.time)
            json.member("m", trade.aggressor == .sell)
            json.member("M", true)
        }
    }

    func aggregate(_ json: inout JSONWriter, _ trade: AggregateTrade, eventTime: Int64? = nil) {
        json.object { json in
            if let eventTime { header(&json, "aggTrade", eventTime) }
            json.member("a", trade.id)
            json.member("p", amount: price(trade.price))
            json.member("q", amount: quantity(trade.quantity))
            json.member("f", trade.firstTrade)
            json.member("l", trade.lastTrade)
            json.member("T", trade.time)
            json.member("m", trade.aggressor == .sell)
            json.member("M", true)
        }
    }

    // MARK: Candles

    func kline(_ json: inout JSONWriter, _ candle: Candle, interval: Int64) {
        json.array { json in
            json.value(candle.openTime)
            for ticks in [candle.open, candle.high, candle.low, candle.close] {
                json.amount(price(ticks))
            }
            json.amount(quantity(candle.volume))
            json.value(candle.openTime + interval - 1)
            json.amount(candle.value)
            json.value(candle.trades)
            json.amount(quantity(candle.takerBuyVolume))
            json.amount(candle.takerBuyValue)
            json.value("0")
        }
    }

    func klineEvent(_ json: inout JSONWriter, _ candle: Candle, interval: Int64, now: Int64) {
        json.object { json in
            header(&json, "kline", now)
            json.member(
                "k",
                object: { json in
                    json.member("t", candle.openTime)
                    json.member("T", candle.openTime + interval - 1)
                    json.member("s", listing.symbol)
                    json.member("i", KlineInterval.name(interval))
                    json.member("f", candle.firstTrade)
                    json.member("L", candle.lastTrade)
                    json.member("o", amount: price(candle.open))
                    json.member("c", amount: price(candle.close))
                    json.member("h", amount: price(candle.high))
                    json.member("l", amount: price(candle.low))
                    json.member("v", amount: quantity(candle.volume))
                    json.member("n", candle.trades)
                    json.member("x", now >= candle.openTime + interval)
                    json.member("q", amount: candle.value)
                    json.member("V", amount: quantity(candle.takerBuyVolume))
                    json.member("Q", amount: candle.takerBuyValue)
                    json.member("B", "0")
                })
        }
    }

    // MARK: Tickers

    private var lastPrice: Int64 { price(market.lastPrice ?? 0) }
    private var openPrice: Int64 { price(market.statistics.open) }

    private var weightedAverage: Int64 {
        let statistics = market.statistics
        guard statistics.volume > 0 else { return 0 }
        return statistics.value / listing.valueUnits / statistics.volume * listing.tickUnits
    }

    /// Change since the opening in percent, three decimals.
    private var changePercent: String {
        guard openPrice > 0 else { return "0.000" }
        return Decimals.text((lastPrice - openPrice) * 100_000 / openPrice, decimals: 3)
    }

    func ticker24(_ json: inout JSONWriter, now: Int64) {
        let statistics = market.statistics
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("priceChange", amount: lastPrice - openPrice)
            json.member("priceChangePercent", changePercent)
            json.member("weightedAvgPrice", amount: weightedAverage)
            json.member("prevClosePrice", amount: openPrice)
            json.member("lastPrice", amount: lastPrice)
            json.member("lastQty", amount: quantity(statistics.last?.quantity ?? 0))
            best(&json, ["bidPrice", "bidQty", "askPrice", "askQty"])
            json.member("openPrice", amount: openPrice)
            json.member("highPrice", amount: price(statistics.high))
            json.member("lowPrice", amount: price(statistics.low))
            json.member("volume", amount: quantity(statistics.volume))
            json.member("quoteVolume", amount: statistics.value)
            json.member("openTime", now - 86_400_000)
            json.member("closeTime", now)
            json.member("firstId", statistics.first?.id ?? -1)
            json.member("lastId", statistics.last?.id ?? -1)
            json.member("count", statistics.count)
        }
    }

    func tickerPrice(_ json: inout JSONWriter) {
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("price", amount: lastPrice)
        }
    }

    func averagePrice(_ json: inout JSONWriter, now: Int64) {
        json.object { json in
            json.member("mins", 5)
            json.member("price", amount: price(market.averagePrice(now: now) ?? 0))
            json.member("closeTime", market.statistics.last?.time ?? now)
        }
    }

    func miniTickerEvent(_ json: inout JSONWriter, now: Int64) {
        let statistics = market.statistics
        json.object { json in
            header(&json, "24hrMiniTicker", now)
            json.member("c", amount: lastPrice)
            json.member("o", amount: openPrice)
            json.member("h", amount: price(statistics.high))
            json.member("l", amount: price(statistics.low))
            json.member("v", amount: quantity(statistics.volume))
            json.member("q", amount: statistics.value)
        }
    }

    func tickerEvent(_ json: inout JSONWriter, now: Int64) {
        let statistics = market.statistics
        json.object { json in
            header(&json, "24hrTicker", now)
            json.member("p", amount: lastPrice - openPrice)
            json.member("P", changePercent)
            json.member("w", amount: weightedAverage)
            json.member("x", amount: openPrice)
            json.member("c", amount: lastPrice)
            json.member("Q", amount: quantity(statistics.last?.quantity ?? 0))
            best(&json, ["b", "B", "a", "A"])
            json.member("o", amount: openPrice)
            json.member("h", amount: price(statistics.high))
            json.member("l", amount: price(statistics.low))
            json.member("v", amount: quantity(statistics.volume))
            json.member("q", amount: statistics.value)
            json.member("O", now - 86_400_000)
            json.member("C", now)
            json.member("F", statistics.first?.id ?? -1)
            json.member("L", statistics.last?.id ?? -1)
            json.member("n", statistics.count)
        }
    }

    private func header(_ json: inout JSONWriter, _ event: String, _ now: Int64) {
        json.member("e", event)
        json.member("E", now)
        json.member("s", listing.symbol)
    }
}
