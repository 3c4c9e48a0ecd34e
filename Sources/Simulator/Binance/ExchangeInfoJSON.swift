// ExchangeInfoJSON.swift — the rules of each pair, as `exchangeInfo` tells them.
import Core

struct ExchangeInfoJSON {
    static let orderTypes = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT"]

    static func symbol(
        _ json: inout JSONWriter, _ listing: Listing, _ status: InstrumentStatus, stepFactor: Int64
    ) {
        json.object { json in
            json.member("symbol", listing.symbol)
            json.member("status", status.rawValue)
            json.member("baseAsset", listing.base)
            json.member("baseAssetPrecision", 8)
            json.member("quoteAsset", listing.quote)
            json.member("quotePrecision", 8)
            json.member("quoteAssetPrecision", 8)
            json.member("baseCommissionPrecision", 8)
            json.member("quoteCommissionPrecision", 8)
            json.member("orderTypes", texts: orderTypes)
            for name in ["icebergAllowed", "ocoAllowed", "otoAllowed", "opoAllowed"] {
                json.member(name, false)
            }
            json.member("quoteOrderQtyMarketAllowed", true)
            json.member("allowTrailingStop", false)
            json.member("cancelReplaceAllowed", false)
            json.member("amendAllowed", true)
            json.member("pegInstructionsAllowed", false)
            json.member("isSpotTradingAllowed", true)
            json.member("isMarginTradingAllowed", false)
            json.member("filters", array: { filters(&$0, listing, stepFactor) })
            json.member("permissions", texts: [])
            json.member("permissionSets", array: { json in json.array { $0.value("SPOT") } })
            json.member("defaultSelfTradePreventionMode", BinanceWords.selfTradePrevention)
            json.member(
                "allowedSelfTradePreventionModes", texts: [BinanceWords.selfTradePrevention])
        }
    }

    private static func filters(
        _ json: inout JSONWriter, _ listing: Listing, _ stepFactor: Int64
    ) {
        let instrument = listing.instrument
        filter(&json, "PRICE_FILTER") { json in
            json.member("minPrice", amount: max(1, instrument.minPrice) * listing.tickUnits)
            json.member("maxPrice", amount: instrument.maxPrice * listing.tickUnits)
            json.member("tickSize", amount: listing.tickUnits * stepFactor)
        }
        filter(&json, "LOT_SIZE") { json in
            json.member("minQty", amount: max(1, instrument.minQuantity) * listing.lotUnits)
            json.member("maxQty", amount: instrument.maxQuantity * listing.lotUnits)
            json.member("stepSize", amount: listing.lotUnits)
        }
        filter(&json, "MARKET_LOT_SIZE") { json in
            json.member("minQty", amount: instrument.minMarketQuantity * listing.lotUnits)
            json.member("maxQty", amount: instrument.maxMarketQuantity * listing.lotUnits)
            json.member("stepSize", amount: 0)
        }
        filter(&json, "NOTIONAL") { json in
            json.member("minNotional", amount: instrument.minNotional.units)
            json.member("applyMinToMarket", true)
            json.member("maxNotional", amount: instrument.maxNotional.units)
            json.member("applyMaxToMarket", true)
            json.member("avgPriceMins", 5)
        }
        filter(&json, "PERCENT_PRICE_BY_SIDE") { json in
            let up = String(listing.maxPriceMultiple)
            let down = Decimals.text(100 / listing.maxPriceMultiple, decimals: 2)
            json.member("bidMultiplierUp", up)
            json.member("bidMultiplierDown", down)
            json.member("askMultiplierUp", up)
            json.member("askMultiplierDown", down)
            json.member("avgPriceMins", 5)
        }
        filter(&json, "MAX_NUM_ORDERS") { json in
            json.member("maxNumOrders", Int64(listing.maxOpenOrders))
        }
        filter(&json, "MAX_NUM_ORDER_AMENDS") { json in
            json.member("maxNumOrderAmends", Int64(Exchange.maxAmendments))
        }
    }

    private static func filter(
        _ json: inout JSONWriter, _ type: String, _ body: (inout JSONWriter) -> Void
    ) {
        json.object { json in
            json.member("filterType", type)
            body(&json)
        }
    }
}
