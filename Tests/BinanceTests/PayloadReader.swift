// PayloadReader.swift — sends a documented payload through the decoder that its kind meets.
import Core
import Foundation

@testable import Binance

struct PayloadReader {
    typealias Payload = DocumentedPayloadsTests.Payload
    typealias Outcome = DocumentedPayloadsTests.Outcome

    private static let symbols = [
        "BTCUSDT", "BNBBTC", "BNBUSDT", "LTCBTC", "ETHBTC", "BTUCSDT", "LTCBNB",
    ]
    private static let ours = "n00010000000000001"
    private let codec: BinanceCodec
    private let instruments: [Instrument]

    init() throws {
        instruments = Self.symbols.map {
            Instrument(symbol: $0, base: "A", quote: "B", priceDecimals: 8, quantityDecimals: 8)
        }
        codec = try BinanceCodec(
            instruments: instruments, instance: 1, credentials: Sample.hmac)
    }

    func read(_ payload: Payload) throws -> Outcome {
        let object = payload.json as? [String: Any]
        if let method = object?["method"] as? String {
            return try wire(payload.json, .orders, method)
        }
        if object?["event"] != nil { return try wire(payload.json, .orders, "user event") }
        switch payload.source {
        case "web-socket-streams": return try stream(payload)
        case "filters": return try filter(payload)
        default: break
        }
        if object?["code"] != nil, object?["msg"] != nil {
            return try decode(ErrorMessage.self, payload.json)
        }
        if let object, object["id"] != nil, object["status"] != nil {
            return try reply(payload, object)
        }
        return try rest(payload)
    }

    // MARK: - Through the wire

    private func wire(
        _ json: Any, _ role: StreamRole, _ kind: String, slot: UInt32 = .max
    ) throws -> Outcome {
        let told = codec.describe(
            Array(try text(json).utf8), role: role, instrument: InstrumentID(slot: slot))
        if told.isUnsupported { return .unsupported("\(kind): \(codec.lastUnsupported)") }
        guard told.status == 0, let first = told.text.split(separator: " ").first else {
            return .failed("status \(told.status) \(told.text)")
        }
        return .typed("\(kind): \(first.trimmingCharacters(in: .newlines))")
    }

    private func stream(_ payload: Payload) throws -> Outcome {
        // The documents show the partial book raw; its stream's name tells the symbol.
        if payload.section.hasPrefix("Partial Book") {
            let json: [String: Any] = ["stream": "bnbbtc@depth5", "data": payload.json]
            return try wire(json, .market, "stream")
        }
        return try wire(payload.json, .market, "stream")
    }

    /// First letters of our request ids, by the section that shows the reply.
    private static let letters = [
        "Place new order (TRADE)": "p", "New order (TRADE)": "p", "Response format": "p",
        "Order Amend Keep Priority (TRADE)": "a", "Cancel order (TRADE)": "c",
        "Query order (USER_DATA)": "q", "Account order history (USER_DATA)": "o",
        "Current open orders (USER_DATA)": "o",
        "All orders (USER_DATA)": "o", "Log in with API key (SIGNED)": "g",
        "Log out of the session": "g", "Authenticate after connection": "g",
        "Subscribe to User Data Stream through signature subscription (USER_STREAM)": "g",
    ]

    /// Replies whose decoder needs no request of ours, or that no request of ours asks for.
    private static let foreignReplies: Set<String> = [
        "How to interpret rate limits", "How to show/hide rate limit information", "IP limits",
        "Check server time", "Query Execution Rules", "Order book", "UI Klines",
        "24hr ticker price change statistics", "Trading Day Ticker",
        "Rolling window price change statistics", "Symbol price ticker",
        "Symbol order book ticker", "Query Reference Price", "Query Reference Price Calculation",
        "Test new order (TRADE)", "Cancel and replace order (TRADE)", "Cancel open orders (TRADE)",
        "Place new OCO - Deprecated (TRADE)", "Place new Order list - OCO (TRADE)",
        "Place new Order list - OTOCO (TRADE)", "OPOCO (TRADE)", "Cancel Order list (TRADE)",
        "Place new order using SOR (TRADE)", "Test new order using SOR (TRADE)",
        "Account order list history (USER_DATA)", "Account prevented matches (USER_DATA)",
        "Account allocations (USER_DATA)", "Account Commission Rates (USER_DATA)",
        "Query Order Amendments (USER_DATA)", "Query Relevant Filters (USER_DATA)",
    ]

    private func reply(_ payload: Payload, _ object: [String: Any]) throws -> Outcome {
        if payload.section == "Account information (USER_DATA)" {
            // REST and WebSocket API share this body; ours comes over the former.
            return try decode(AccountMessage.self, object["result"] ?? 0)
        }
        guard let letter = Self.letters[payload.section] else {
            guard Self.foreignReplies.contains(payload.section) else {
                return .failed("a section without a decision")
            }
            return try wire(object, .orders, "reply, \(payload.section)")
        }
        return try ownReply(object, letter, payload.section)
    }

    /// The reply as if one of our requests had asked for it: id and client id become ours.
    private func ownReply(
        _ object: [String: Any], _ letter: String, _ section: String
    ) throws -> Outcome {
        var object = object
        let result = object["result"]
        let row = (result as? [[String: Any]])?.first ?? result as? [String: Any]
        let order = row?["amendedOrder"] as? [String: Any] ?? row
        let symbol = order?["symbol"] as? String ?? Self.symbols[0]
        let slot = Self.symbols.firstIndex(of: symbol) ?? 99
        if !(object["id"] is NSNull) {
            switch letter {
            case "g": object["id"] = "g0"
            case "o": object["id"] = "o0\(slot)"
            default: object["id"] = "\(letter)0\(slot)\(Self.ours)"
            }
        }
        var json = try text(object)
        let name = letter == "p" || letter == "q" ? "clientOrderId" : "origClientOrderId"
        if letter != "o", let client = order?[name] as? String {
            json = json.replacingOccurrences(of: "\"\(client)\"", with: "\"\(Self.ours)\"")
        }
        return try wire(
            try JSONSerialization.jsonObject(with: Data(json.utf8)), .orders, "reply, \(section)")
    }

    // MARK: - Through REST's messages

    private func decode<Message: Decodable>(_ type: Message.Type, _ json: Any) throws -> Outcome {
        do {
            _ = try JSONDecoder().decode(Message.self, from: Data(try text(json).utf8))
            return .typed("REST: \(type)")
        } catch {
            return .failed("\(type): \(error)")
        }
    }

    private func filter(_ payload: Payload) throws -> Outcome {
        let data = Data(try text(payload.json).utf8)
        let filter = try JSONDecoder().decode(SymbolFilter.self, from: data)
        if case .unknown(let name) = filter { return .failed("unknown filter \(name)") }
        return .typed("filter: \(payload.section)")
    }

    private static let unsupportedREST: Set<String> = [
        "Test connectivity", "Query Execution Rules", "Recent trades list", "Old trade lookup",
        "Historical Block Trades", "Compressed/Aggregate trades list", "Kline/Candlestick data",
        "Current average price", "24hr ticker price change statistics", "Trading Day Ticker",
        "Symbol order book ticker", "Rolling window price change statistics",
        "Query Reference Price", "Query Reference Price Calculation", "Test new order (TRADE)",
        "Cancel All Open Orders on a Symbol (TRADE)",
        "Cancel an Existing Order and Send a New Order (TRADE)", "New OCO - Deprecated (TRADE)",
        "New Order list - OTO (TRADE)", "New Order list - OTOCO (TRADE)",
        "New Order List - OPO (TRADE)", "New Order List - OPOCO (TRADE)",
        "Cancel Order list (TRADE)", "Test new order using SOR (TRADE)",
        "Query Order list (USER_DATA)", "Query all Order lists (USER_DATA)",
        "Query Open Order lists (USER_DATA)", "Query Prevented Matches (USER_DATA)",
        "Query Allocations (USER_DATA)", "Query Commission Rates (USER_DATA)",
    ]

    private func rest(_ payload: Payload) throws -> Outcome {
        switch payload.section {
        case "Check server time": return try decode(ServerTime.self, payload.json)
        case "Exchange information": return try exchangeInfo(payload)
        case "Order book": return try wire(payload.json, .snapshot, "REST", slot: 0)
        case "Symbol price ticker": return try decode([TickerPrice].self, payload.json)
        case "Account information (USER_DATA)":
            return try decode(AccountMessage.self, payload.json)
        case "Current open orders (USER_DATA)", "All orders (USER_DATA)":
            return try decode([OrderMessage].self, payload.json)
        case "Query Unfilled Order Count (USER_DATA)":
            return try decode([RateLimit].self, payload.json)
        case "New order (TRADE)":
            // REST and WebSocket API share this body; ours goes over the latter.
            return try ownReply(
                ["id": "", "status": 200, "result": payload.json], "p", payload.section)
        default:
            guard Self.unsupportedREST.contains(payload.section) else {
                return .failed("a section without a decision")
            }
            return .unsupported("REST: \(payload.section)")
        }
    }

    private func exchangeInfo(_ payload: Payload) throws -> Outcome {
        let data = Data(try text(payload.json).utf8)
        let info = try JSONDecoder().decode(ExchangeInfo.self, from: data)
        for rules in info.symbols { _ = try rules.instrument() }
        return .typed("REST: ExchangeInfo")
    }
}
