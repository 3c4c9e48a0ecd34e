// BinanceProtocol+Market.swift — the public operations.
import Core

extension BinanceProtocol {
    // MARK: Rules

    func exchangeInfo(_ call: Call) throws(BinanceError) -> [UInt8] {
        let chosen = try chosenMarkets(call.parameters)
        return JSONWriter.write { json in
            json.object { json in
                json.member("timezone", "UTC")
                json.member("serverTime", call.now)
                json.member(
                    "rateLimits",
                    array: { json in
                        limits.writeWeight(to: &json, now: call.now, counting: false)
                        limits.writeOrders(to: &json, nil, now: call.now)
                    })
                json.member("exchangeFilters", array: { _ in })
                json.member(
                    "symbols",
                    array: { json in
                        for market in chosen {
                            ExchangeInfoJSON.symbol(
                                &json, listing(market),
                                troubles.status(of: market, elapsed(call.now)),
                                stepFactor: troubles.stepFactor(of: market))
                        }
                    })
            }
        }
    }

    /// The markets named by `symbol` or `symbols`; all without either.
    func chosenMarkets(_ parameters: Parameters) throws(BinanceError) -> [Int] {
        if parameters["symbol"] != nil { return [try market(parameters)] }
        guard let text = try parameters.optional("symbols") else {
            return Array(exchange.markets.indices)
        }
        guard let names = JSONValue(Array(text.utf8))?.array else { throw .invalid("symbols") }
        var chosen: [Int] = []
        for name in names {
            guard let symbol = name.string, let market = exchange.marketIndex(symbol) else {
                throw .badSymbol
            }
            chosen.append(market)
        }
        return chosen
    }

    // MARK: Book and trades

    func depth(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let limit = try call.parameters.limit(standard: 100, most: 5_000)
        return JSONWriter.write { MarketJSON(exchange.markets[market]).depth(&$0, limit: limit) }
    }

    func trades(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = exchange.markets[try market(call.parameters)]
        let limit = try call.parameters.limit(standard: 500, most: 1_000)
        return JSONWriter.write { json in
            json.array { json in
                market.trades.suffix(limit).forEach { MarketJSON(market).trade(&json, $0) }
            }
        }
    }

    func aggregateTrades(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = exchange.markets[try market(call.parameters)]
        let limit = try call.parameters.limit(standard: 500, most: 1_000)
        let fromID = try call.parameters.optionalInteger("fromId")
        let start = try call.parameters.optionalTime("startTime")
        let end = try call.parameters.optionalTime("endTime") ?? .max
        let within = market.aggregates.filter {
            $0.id >= fromID ?? 0 && $0.time >= start ?? 0 && $0.time <= end
        }
        let chosen = fromID == nil && start == nil ? within.suffix(limit) : within.prefix(limit)
        return JSONWriter.write { json in
            json.array { json in
                chosen.forEach { MarketJSON(market).aggregate(&json, $0) }
            }
        }
    }

    // MARK: Candles

    func klines(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = exchange.markets[try market(call.parameters)]
        let name = try call.parameters.text("interval")
        guard let interval = KlineInterval.milliseconds(name) else { throw .badInterval }
        let limit = try call.parameters.limit(standard: 500, most: 1_000)
        let start = try call.parameters.optionalTime("startTime")
        let end = try call.parameters.optionalTime("endTime") ?? .max
        market.candles.advance(to: call.now)
        let within = market.candles.candles(interval).filter {
            $0.openTime >= start ?? 0 && $0.openTime <= end
        }
        let chosen = start == nil ? within.suffix(limit) : within.prefix(limit)
        return JSONWriter.write { json in
            json.array { json in
                chosen.forEach { MarketJSON(market).kline(&json, $0, interval: interval) }
            }
        }
    }

    // MARK: Tickers

    func averagePrice(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = exchange.markets[try market(call.parameters)]
        return JSONWriter.write { MarketJSON(market).averagePrice(&$0, now: call.now) }
    }

    /// One object for `symbol`, else an array.
    func ticker(
        _ call: Call, _ write: (MarketJSON, inout JSONWriter) -> Void
    ) throws(BinanceError) -> [UInt8] {
        let chosen = try chosenMarkets(call.parameters)
        return JSONWriter.write { json in
            if call.parameters["symbol"] != nil, let market = chosen.first {
                write(MarketJSON(exchange.markets[market]), &json)
            } else {
                json.array { json in
                    for market in chosen { write(MarketJSON(exchange.markets[market]), &json) }
                }
            }
        }
    }
}
