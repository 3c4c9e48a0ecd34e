// Reconciliation.swift — where the bot's picture and the venue's differ, each with its meaning.
//
// Both move while they are compared: what is really different is still so when looked at again.
import Core
import VenueKit

public struct DifferenceDocument: Codable, Sendable, Hashable {
    /// `order` or `trade` or `position`.
    public var kind: String
    public var symbol: String
    /// Client order id, or number of the trade.
    public var id: String
    public var local: String
    public var venue: String
    /// What it means and what to do.
    public var meaning: String
    /// What the bot does about it by itself.
    public var action: String
}

public struct ReconcileDocument: Codable, Sendable {
    public var agrees: Bool
    /// Only looked: nothing was changed.
    public var dryRun: Bool
    /// What could not be compared, and why.
    public var notes: [String]
    public var ordersCompared: Int
    public var tradesCompared: Int
    public var differences: [DifferenceDocument]
}

/// One instrument's open orders and trades as one side has them.
struct SideOfBook: Sendable {
    struct Order: Sendable, Equatable {
        var side: Side
        var quantity: Quantity
        var filled: Quantity
        /// Sent, and the venue has not answered yet.
        var isOnItsWay = false
    }

    struct Trade: Sendable, Equatable {
        var side: Side
        var price: Price
        var quantity: Quantity
    }

    var orders: [String: Order] = [:]
    var trades: [Int64: Trade] = [:]

    /// What the trades come to.
    var lots: Int64 {
        trades.values.reduce(0) { $0 + ($1.side == .buy ? $1.quantity.lots : -$1.quantity.lots) }
    }
}

enum Reconciliation {
    /// All that differs in one instrument, in a stable order.
    static func differences(
        _ instrument: Instrument, local: SideOfBook, venue: SideOfBook
    ) -> [DifferenceDocument] {
        let writer = DifferenceWriter(instrument: instrument)
        return writer.orders(local.orders, venue.orders)
            + writer.trades(local.trades, venue.trades)
            + writer.positions(local.lots, venue.lots)
    }
}

private struct DifferenceWriter {
    let instrument: Instrument

    func orders(
        _ local: [String: SideOfBook.Order], _ venue: [String: SideOfBook.Order]
    ) -> [DifferenceDocument] {
        Set(local.keys).union(venue.keys).sorted().compactMap { id in
            let (ours, theirs) = (local[id], venue[id])
            guard
                ours?.filled != theirs?.filled || ours?.quantity != theirs?.quantity
                    || (ours == nil) != (theirs == nil)
            else { return nil }
            if ours?.isOnItsWay == true, theirs == nil { return nil }
            return DifferenceDocument(
                kind: "order", symbol: instrument.symbol, id: id, local: text(ours),
                venue: text(theirs), meaning: meaning(ours, theirs), action: action(ours, theirs))
        }
    }

    private func action(_ ours: SideOfBook.Order?, _ theirs: SideOfBook.Order?) -> String {
        if ours == nil {
            return
                "adopts it when its id is ours; else alarms, and \(instrument.symbol) only reduces"
        }
        if theirs == nil { return "asks about it by its id, and ends it by the answer" }
        return "takes the venue's statement, and lists its trades"
    }

    private func text(_ order: SideOfBook.Order?) -> String {
        guard let order else { return "not open" }
        return "\(order.side.name) \(instrument.text(order.quantity)), filled "
            + instrument.text(order.filled)
    }

    private func meaning(_ ours: SideOfBook.Order?, _ theirs: SideOfBook.Order?) -> String {
        if ours == nil {
            return "open at the venue, not here: placed by another program or by hand, or its "
                + "record was lost; cancel it at the venue if nobody wants it"
        }
        if theirs == nil {
            return "open here, not at the venue: its end was not heard yet; the bot asks by "
                + "itself, `needletail orders` shows when it knows"
        }
        return "filled or sized differently: a report was missed; the bot asks by itself"
    }

    func trades(
        _ local: [Int64: SideOfBook.Trade], _ venue: [Int64: SideOfBook.Trade]
    ) -> [DifferenceDocument] {
        Set(local.keys).union(venue.keys).sorted().compactMap { id in
            let (ours, theirs) = (local[id], venue[id])
            guard ours != theirs else { return nil }
            return DifferenceDocument(
                kind: "trade", symbol: instrument.symbol, id: String(id), local: text(ours),
                venue: text(theirs), meaning: meaning(ours, theirs),
                action: ours == nil
                    ? "counts it when its order is ours; else alarms, and only reduces" : "nothing")
        }
    }

    private func text(_ trade: SideOfBook.Trade?) -> String {
        guard let trade else { return "absent" }
        return "\(trade.side.name) \(instrument.text(trade.quantity)) at "
            + instrument.text(trade.price)
    }

    private func meaning(_ ours: SideOfBook.Trade?, _ theirs: SideOfBook.Trade?) -> String {
        if ours == nil {
            return "the account traded it and the journal has it not: by another program or by "
                + "hand, or a report was missed; positions here leave it out"
        }
        if theirs == nil {
            return "the journal has it and the venue does not list it: the journal is of another "
                + "account, or the venue's history was reset"
        }
        return "the same trade with other numbers: keep the journal and report it"
    }

    func positions(_ local: Int64, _ venue: Int64) -> [DifferenceDocument] {
        guard local != venue else { return [] }
        let gap = instrument.text(Quantity(lots: venue - local))
        return [
            DifferenceDocument(
                kind: "position", symbol: instrument.symbol, id: instrument.symbol,
                local: instrument.text(Quantity(lots: local)),
                venue: instrument.text(Quantity(lots: venue)),
                meaning: "the sum of the trades above: the venue has \(gap) "
                    + "\(instrument.base) more", action: "follows the trades above")
        ]
    }
}
