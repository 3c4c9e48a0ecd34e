// LevelBook.swift — the public view of a book: quantity per price, and which prices changed.
//
// Every change of a level gets the next update id. Readers of differences come in two cadences,
// each with its own set of changed prices and the last id that it has sent.
import Core

/// How often a stream of differences is sent.
package enum Cadence: Int, CaseIterable, Sendable {
    case fast = 0
    case slow = 1

    package var milliseconds: Int64 { self == .fast ? 100 : 1_000 }
}

package struct LevelChanges: Sendable, Equatable {
    package let firstID: Int64
    package let lastID: Int64
    package let bids: [MatchingEngine.Level]
    package let asks: [MatchingEngine.Level]
}

package struct LevelBook: Sendable {
    private struct Pending: Sendable {
        var lastSent: Int64 = 0
        var prices: [Set<Int64>] = [[], []]
    }

    /// Id of the latest change.
    package private(set) var updateID: Int64
    private var quantities: [[Int64: Int64]] = [[:], [:]]
    private var pending: [Pending]

    package init(firstUpdateID: Int64 = 1_000_000) {
        updateID = firstUpdateID
        pending = Cadence.allCases.map { _ in Pending(lastSent: firstUpdateID) }
    }

    package func quantity(_ side: Side, _ price: Int64) -> Int64 {
        quantities[Int(side.rawValue)][price] ?? 0
    }

    /// Adds to a level; a level of zero is gone.
    package mutating func add(_ lots: Int64, at price: Int64, _ side: Side) {
        guard lots != 0 else { return }
        let index = Int(side.rawValue)
        let after = (quantities[index][price] ?? 0) + lots
        precondition(after >= 0, "a level never holds less than nothing")
        quantities[index][price] = after == 0 ? nil : after
        updateID += 1
        for cadence in pending.indices { pending[cadence].prices[index].insert(price) }
    }

    /// What changed since the last call for this cadence; nil when nothing did.
    package mutating func takeChanges(_ cadence: Cadence) -> LevelChanges? {
        let waiting = pending[cadence.rawValue]
        guard waiting.lastSent < updateID else { return nil }
        pending[cadence.rawValue] = Pending(lastSent: updateID)
        return LevelChanges(
            firstID: waiting.lastSent + 1, lastID: updateID,
            bids: changed(.buy, waiting.prices[0]).reversed(),
            asks: changed(.sell, waiting.prices[1]))
    }

    private func changed(_ side: Side, _ prices: Set<Int64>) -> [MatchingEngine.Level] {
        prices.sorted().map { MatchingEngine.Level(price: $0, quantity: quantity(side, $0)) }
    }
}
