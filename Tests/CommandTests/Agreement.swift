// Agreement.swift — holds what a halted bot believes against what the venue knows.
import Foundation
import Testing

enum Agreement {
    /// States of an order in which the venue has it, by the venue's word for them.
    private static let states: [String: Set<String>] = [
        "live": ["NEW"], "partial": ["PARTIALLY_FILLED"], "filled": ["FILLED"],
        "canceled": ["CANCELED"], "expired": ["EXPIRED", "EXPIRED_IN_MATCH"],
        "rejected": [], "absent": [], "abandoned": [],
    ]

    /// The bot must be halted. Records an issue for each thing that was lost or doubled.
    static func check(
        _ bot: Bot, _ venue: Venue, at location: SourceLocation = #_sourceLocation
    ) throws {
        let account = try venue.account()
        let orders = try bot.expect("orders", ["--all", "--last", "2000"])
        let open = try bot.expect("orders")
        let positions = try bot.expect("positions")
        #expect(
            ids(account["open"], "clientOrderId") == ids(open, "client_order_id"),
            "open orders", sourceLocation: location)
        for symbol in venue.symbols {
            let own = orders.list.filter { $0["symbol"].text == symbol }
            check(own, account["orders"][symbol], symbol, location)
            let position = positions.list.first { $0["symbol"].text == symbol }
            check(position, account["trades"][symbol].list, symbol, location)
        }
    }

    private static func ids(_ list: Document, _ key: String) -> [String] {
        list.list.compactMap { $0[key].text }.sorted()
    }

    /// Each order that one side knows must be known, and as far, to the other.
    private static func check(
        _ own: [Document], _ there: Document, _ symbol: String, _ location: SourceLocation
    ) {
        var venueOrders: [String: Document] = [:]
        for order in there.list {
            guard let id = order["clientOrderId"].text else { continue }
            #expect(venueOrders[id] == nil, "\(id) twice at the venue", sourceLocation: location)
            venueOrders[id] = order
        }
        for order in own {
            guard let id = order["client_order_id"].text else { continue }
            let state = order["state"].text ?? "?"
            let atVenue = venueOrders.removeValue(forKey: id)
            let allowed = states[state] ?? []
            let status = atVenue?["status"].text
            #expect(
                status.map { allowed.contains($0) } ?? allowed.isEmpty,
                "\(symbol) \(id): here \(state), there \(status ?? "unknown")",
                sourceLocation: location)
            guard let atVenue else { continue }
            #expect(
                order["filled"].units == atVenue["executedQty"].units, "\(symbol) \(id): filled",
                sourceLocation: location)
        }
        #expect(
            venueOrders.isEmpty, "\(symbol): the bot lost \(venueOrders.keys.sorted())",
            sourceLocation: location)
    }

    /// Every trade counted, and counted once.
    private static func check(
        _ position: Document?, _ trades: [Document], _ symbol: String, _ location: SourceLocation
    ) {
        var bought: Int64 = 0, sold: Int64 = 0, baseFees: Int64 = 0
        var seen: Set<Int> = []
        for trade in trades {
            #expect(seen.insert(trade["id"].number ?? -1).inserted, sourceLocation: location)
            let quantity = trade["qty"].units ?? 0
            if trade["isBuyer"].flag == true { bought += quantity } else { sold += quantity }
            if trade["commissionAsset"].text.map({ symbol.hasPrefix($0) }) == true {
                baseFees += trade["commission"].units ?? 0
            }
        }
        #expect(
            position?["fills"].number == trades.count, "\(symbol) fills", sourceLocation: location)
        #expect(position?["bought"].units == bought, "\(symbol) bought", sourceLocation: location)
        #expect(position?["sold"].units == sold, "\(symbol) sold", sourceLocation: location)
        // Fees in the base asset lessen what is held; the bot rounds them against itself to a lot.
        let held = position?["quantity"].units ?? .min
        #expect(
            held <= bought - sold
                && held >= bought - sold - baseFees - lot(position) * Int64(trades.count),
            "\(symbol): held \(held), traded \(bought - sold), base fees \(baseFees)",
            sourceLocation: location)
    }

    /// One step of the quantity, as the position's text shows it.
    private static func lot(_ position: Document?) -> Int64 {
        let decimals = position?["bought"].text?.split(separator: ".").dropFirst().first?.count ?? 0
        return (0..<(8 - min(8, decimals))).reduce(1) { value, _ in value * 10 }
    }
}
