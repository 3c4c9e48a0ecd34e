// LocalBook.swift — the venue's documented way to keep a book, done plainly for the tests.
import Foundation

/// Snapshot plus differences; knows nothing of the simulator.
struct LocalBook {
    private(set) var lastID: Int
    private(set) var bids: [String: String] = [:]
    private(set) var asks: [String: String] = [:]
    /// A message did not continue where the one before it ended.
    private(set) var hasGap = false

    init(snapshot: [String: Any]) {
        lastID = snapshot["lastUpdateId"] as? Int ?? 0
        set(snapshot["bids"], snapshot["asks"])
    }

    mutating func apply(_ update: [String: Any]) {
        guard let first = update["U"] as? Int, let last = update["u"] as? Int else { return }
        if last <= lastID { return }
        if first > lastID + 1 { hasGap = true }
        set(update["b"], update["a"])
        lastID = last
    }

    private mutating func set(_ newBids: Any?, _ newAsks: Any?) {
        for row in newBids as? [[String]] ?? [] { Self.set(row, in: &bids) }
        for row in newAsks as? [[String]] ?? [] { Self.set(row, in: &asks) }
    }

    private static func set(_ row: [String], in side: inout [String: String]) {
        side[row[0]] = Double(row[1]) == 0 ? nil : row[1]
    }

    /// As REST prints them, best first.
    var bidRows: [[String]] { rows(bids) { $0 > $1 } }
    var askRows: [[String]] { rows(asks) { $0 < $1 } }

    private func rows(
        _ side: [String: String], _ order: (Double, Double) -> Bool
    ) -> [[String]] {
        side.sorted { order(Double($0.key) ?? 0, Double($1.key) ?? 0) }.map { [$0.key, $0.value] }
    }
}
