// SymbolFilter.swift — the venue's order filters as values; every documented one by name.

enum SymbolFilter: Decodable, Sendable, Hashable {
    /// Zero disables a part.
    case price(min: ExactDecimal, max: ExactDecimal, tick: ExactDecimal)
    case percentPrice
    case percentPriceBySide
    case lotSize(min: ExactDecimal, max: ExactDecimal, step: ExactDecimal)
    case marketLotSize(min: ExactDecimal, max: ExactDecimal, step: ExactDecimal)
    case minNotional(ExactDecimal)
    case notional(min: ExactDecimal, max: ExactDecimal)
    case maxPosition(ExactDecimal)
    case maxAsset(asset: String, limit: ExactDecimal)
    case trailingDelta
    /// MAX_NUM_… and EXCHANGE_MAX_NUM_…, ICEBERG_PARTS: a count under the filter's name.
    case count(name: String, limit: Int)
    /// A filter that was not documented when this was written.
    case unknown(String)

    private enum Key: String, CodingKey {
        case filterType, minPrice, maxPrice, tickSize, minQty, maxQty, stepSize, minNotional
        case maxNotional, maxPosition, asset, limit
        case maxNumOrders, maxNumAlgoOrders, maxNumIcebergOrders, maxNumOrderAmends
        case maxNumOrderLists
    }

    private static let counts: [String: Key] = [
        "MAX_NUM_ORDERS": .maxNumOrders, "MAX_NUM_ALGO_ORDERS": .maxNumAlgoOrders,
        "MAX_NUM_ICEBERG_ORDERS": .maxNumIcebergOrders,
        "MAX_NUM_ORDER_AMENDS": .maxNumOrderAmends, "MAX_NUM_ORDER_LISTS": .maxNumOrderLists,
        "EXCHANGE_MAX_NUM_ORDERS": .maxNumOrders,
        "EXCHANGE_MAX_NUM_ALGO_ORDERS": .maxNumAlgoOrders,
        "EXCHANGE_MAX_NUM_ICEBERG_ORDERS": .maxNumIcebergOrders,
        "EXCHANGE_MAX_NUM_ORDER_LISTS": .maxNumOrderLists, "ICEBERG_PARTS": .limit,
    ]

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        func number(_ key: Key) throws -> ExactDecimal {
            try fields.decode(ExactDecimal.self, forKey: key)
        }
        let name = try fields.decode(String.self, forKey: .filterType)
        if let key = Self.counts[name] {
            self = .count(name: name, limit: try fields.decode(Int.self, forKey: key))
            return
        }
        switch name {
        case "PRICE_FILTER":
            self = try .price(
                min: number(.minPrice), max: number(.maxPrice), tick: number(.tickSize))
        case "LOT_SIZE":
            self = try .lotSize(min: number(.minQty), max: number(.maxQty), step: number(.stepSize))
        case "MARKET_LOT_SIZE":
            self = try .marketLotSize(
                min: number(.minQty), max: number(.maxQty), step: number(.stepSize))
        case "MIN_NOTIONAL": self = try .minNotional(number(.minNotional))
        case "NOTIONAL": self = try .notional(min: number(.minNotional), max: number(.maxNotional))
        case "MAX_POSITION": self = try .maxPosition(number(.maxPosition))
        case "MAX_ASSET":
            self = try .maxAsset(
                asset: fields.decode(String.self, forKey: .asset), limit: number(.limit))
        case "PERCENT_PRICE": self = .percentPrice
        case "PERCENT_PRICE_BY_SIDE": self = .percentPriceBySide
        case "TRAILING_DELTA": self = .trailingDelta
        default: self = .unknown(name)
        }
    }
}
