// LobsterBook.swift — a book that knows how far it can see.
//
// A LOBSTER file with L levels holds only the messages that touch the L best levels of the moment.
// What lies beyond the L-th level changes unseen. So each side has a frontier: the price of the
// worst level in the last row, or none when that row says that the side has no more levels. Up to
// the frontier every quantity is known, zero included; beyond it nothing is, and messages there are
// not applied. When a level empties, the row that follows shows a level from beyond the frontier:
// it is taken from the row, counted as undetermined, and followed by messages from then on. Levels
// within the frontier are never taken from a row: there the book must be right by itself.
import Core

struct LobsterBook {
    /// As deep as a row is wide: a level that is pushed out of the window is forgotten with it.
    private let book: BookHandle
    private let width: Int
    /// By side, as a `key`; nil: the whole side is known.
    private var frontiers: [Int64?]

    /// Starts as `row` shows the book.
    init(_ row: LobsterRow) throws(CoreError) {
        width = row.width
        book = try BookHandle(depth: UInt32(row.width))
        frontiers = [.min, .min]
        for side in Side.allCases { try adopt(row, side) }
    }

    /// Ascends from the best price to the worst.
    private func key(_ side: Side, _ price: Int64) -> Int64 { side == .buy ? -price : price }

    /// Whether the quantity at a price is known.
    private func sees(_ side: Side, _ price: Price) -> Bool {
        guard let frontier = frontiers[Int(side.rawValue)] else { return true }
        return key(side, price.ticks) <= frontier
    }

    /// What became of a message.
    enum Effect: Equatable {
        case applied
        case beyondSight
        /// It takes away more than rests there.
        case impossible(resting: Int64)
    }

    mutating func change(_ side: Side, _ price: Price, by lots: Int64) throws(CoreError) -> Effect {
        guard sees(side, price) else { return .beyondSight }
        let resting = book.quantity(side, at: price).lots
        let quantity = max(resting + lots, 0)
        try book.set(side, Level(price: price, quantity: Quantity(lots: quantity)))
        return resting + lots < 0 ? .impossible(resting: resting) : .applied
    }

    /// How the `index`-th best level stands to that of a row; nil in the row means none.
    enum Comparison: Equatable {
        case equal
        case undetermined
        case different(found: Level)
    }

    func compare(_ side: Side, _ index: Int, with expected: Level?) -> Comparison {
        let found = book.level(side, index)
        if !found.isEmpty { return found == expected ? .equal : .different(found: found) }
        guard let expected else {
            return frontiers[Int(side.rawValue)] == nil ? .equal : .undetermined
        }
        return sees(side, expected.price) ? .different(found: found) : .undetermined
    }

    /// Takes from a row what could not be known, and moves the frontier to where the row ends.
    mutating func adopt(_ row: LobsterRow, _ side: Side) throws(CoreError) {
        let levels = row[side]
        for level in levels where !sees(side, level.price) { try book.set(side, level) }
        let last = levels.count == width ? levels.last : nil
        frontiers[Int(side.rawValue)] = last.map { key(side, $0.price.ticks) }
    }
}
