// VenueComparison.swift — reads both sides of a reconciliation: the journal with the lane's orders,
// and the venue's own lists. Reads only.
import Core
import Foundation
import VenueKit

struct VenueComparison: Sendable {
    let venue: any Venue
    let instruments: [Instrument]
    let journal: String
    let state: BotState
    let lane: Lane
    let dryRun: Bool

    /// What differs in one look and not in the next was only on its way.
    private static let looks = 3
    private static let pause = 0.7

    func reply() -> AdminReply {
        var document = ReconcileDocument(
            agrees: true, dryRun: dryRun, notes: [], ordersCompared: 0, tradesCompared: 0,
            differences: [])
        do throws(VenueError) {
            for _ in 0..<Self.looks {
                let before = document.differences
                document = try look()
                let lasting = document.differences.filter { before.contains($0) }
                if document.differences.isEmpty || lasting == document.differences { break }
                Thread.sleep(forTimeInterval: Self.pause)
            }
        } catch {
            return .failure(4, "the venue did not answer: \(error.text)")
        }
        document.agrees = document.differences.isEmpty
        return .document(
            document, exit: document.agrees ? 0 : 1,
            error: document.agrees ? nil : "\(document.differences.count) differences")
    }

    private func look() throws(VenueError) -> ReconcileDocument {
        var document = ReconcileDocument(
            agrees: true, dryRun: dryRun, notes: [], ordersCompared: 0, tradesCompared: 0,
            differences: [])
        for (slot, instrument) in instruments.enumerated() {
            let id = InstrumentID(slot: UInt32(slot))
            var theirs = try venueSide(instrument)
            var ours = SideOfBook(orders: localOrders(id))
            do throws(CoreError) {
                let local = try JournalTrades.read(journal, id)
                ours.trades = local.trades
                theirs.trades = try venueTrades(instrument, local)
            } catch {
                document.notes.append("\(instrument.symbol): trades not compared: \(error.text)")
            }
            document.ordersCompared += Set(ours.orders.keys).union(theirs.orders.keys).count
            document.tradesCompared += ours.trades.count
            document.differences += Reconciliation.differences(
                instrument, local: ours, venue: theirs)
        }
        return document
    }

    private func venueSide(_ instrument: Instrument) throws(VenueError) -> SideOfBook {
        var side = SideOfBook()
        for order in try venue.openOrders(instrument) {
            side.orders[order.clientID] = SideOfBook.Order(
                side: order.side, quantity: order.quantity, filled: order.filled)
        }
        return side
    }

    private func localOrders(_ instrument: InstrumentID) -> [String: SideOfBook.Order] {
        let open = state.read { content in
            content.orders.values.filter {
                $0.instrument == instrument && !$0.state.isTerminal
            }
        }
        var orders: [String: SideOfBook.Order] = [:]
        for order in open {
            orders[lane.clientOrderID(order.key)] = SideOfBook.Order(
                side: order.side, quantity: order.quantity, filled: order.filled,
                isOnItsWay: order.state == .queued || order.state == .sent)
        }
        return orders
    }

    /// Those since the journal's first trade; with none, those since the journal began.
    private func venueTrades(
        _ instrument: Instrument, _ local: JournalTrades
    ) throws(CoreError) -> [Int64: SideOfBook.Trade] {
        let found: [VenueTrade]
        do throws(VenueError) {
            found = try venue.trades(instrument, from: local.trades.keys.min() ?? 0)
        } catch {
            throw CoreError(.io, error.text)
        }
        var trades: [Int64: SideOfBook.Trade] = [:]
        for trade in found where trade.time >= local.began || local.trades[trade.id] != nil {
            trades[trade.id] = SideOfBook.Trade(
                side: trade.side, price: trade.price, quantity: trade.quantity)
        }
        return trades
    }
}

/// The trades of one instrument that the journal counts.
struct JournalTrades {
    var trades: [Int64: SideOfBook.Trade] = [:]
    /// UTC nanoseconds of its first record.
    var began: Int64 = 0

    static func read(
        _ journal: String, _ instrument: InstrumentID
    ) throws(CoreError) -> JournalTrades {
        let replica = try JournalReplica(directory: journal)
        var out = JournalTrades()
        var isMore = true
        while isMore {
            isMore =
                try replica.read(most: 10_000) { entry in
                    if out.began == 0 { out.began = entry.time }
                    guard case .report(_, let fill?) = entry.content, fill.instrument == instrument
                    else { return }
                    out.trades[fill.trade] = SideOfBook.Trade(
                        side: fill.side, price: fill.price, quantity: fill.quantity)
                } > 0
        }
        return out
    }
}
