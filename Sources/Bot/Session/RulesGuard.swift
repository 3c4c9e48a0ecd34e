// RulesGuard.swift — compares the venue's rules of today with those that this run began with.
//
// Prices and quantities of a run are counted in the ticks and lots of its start: when those change,
// its numbers mean something else, and it must not trade on.
import Core
import VenueKit

struct RulesGuard: Sendable {
    enum Event: Sendable, Equatable {
        /// The venue does not trade it for now; `status` is the venue's word.
        case closed(slot: Int, status: String)
        case open(slot: Int)
        /// Tick or lot: nothing of it may be traded before a restart.
        case stepChanged(slot: Int, String)
        /// Another limit: what breaks it is refused by the venue.
        case limitChanged(slot: Int, String)
    }

    private var known: [InstrumentRules]
    private var toldSteps: Set<Int> = []

    init(_ rules: [InstrumentRules]) { known = rules }

    var isAnyClosed: Bool { known.contains { !$0.isTrading } }

    /// What is so at the start.
    func first() -> [Event] {
        known.indices.filter { !known[$0].isTrading }.map {
            .closed(slot: $0, status: known[$0].status)
        }
    }

    /// `rules` in the order of the start.
    mutating func compare(_ rules: [InstrumentRules]) -> [Event] {
        var events: [Event] = []
        for (slot, (before, now)) in zip(known, rules).enumerated() {
            if before.status != now.status {
                events.append(
                    now.isTrading ? .open(slot: slot) : .closed(slot: slot, status: now.status))
            }
            events += changes(slot, before.instrument, now.instrument)
            (known[slot].status, known[slot].isTrading) = (now.status, now.isTrading)
        }
        return events
    }

    private mutating func changes(
        _ slot: Int, _ before: Instrument, _ now: Instrument
    ) -> [Event] {
        let steps = [
            change(
                "tick", step(before.tickUnits, before.priceDecimals),
                step(now.tickUnits, now.priceDecimals)),
            change(
                "lot", step(before.lotUnits, before.quantityDecimals),
                step(now.lotUnits, now.quantityDecimals)),
        ].compactMap(\.self)
        if !steps.isEmpty {
            let isNew = toldSteps.insert(slot).inserted
            return isNew ? [.stepChanged(slot: slot, steps.joined(separator: ", "))] : []
        }
        let limits = [
            change("smallest quantity", before.minQuantity, now.minQuantity),
            change("largest quantity", before.maxQuantity, now.maxQuantity),
            change("lowest price", before.minPrice, now.minPrice),
            change("highest price", before.maxPrice, now.maxPrice),
            change("least value", before.minNotional, now.minNotional),
            change("largest value", before.maxNotional, now.maxNotional),
        ].compactMap(\.self)
        known[slot].instrument = now
        return limits.isEmpty
            ? [] : [.limitChanged(slot: slot, limits.joined(separator: ", "))]
    }

    private func step(_ units: Int64, _ decimals: UInt8) -> String {
        Decimals.text(units, decimals: UInt32(decimals))
    }

    private func change<Value: Equatable>(
        _ name: String, _ before: Value, _ now: Value
    ) -> String? {
        before == now ? nil : "\(name) \(before) → \(now)"
    }
}
