// Book.swift — the Swift face of nt/book.h and nt/sync.h, for replays and tests.
//
// A lane owns its books inside the core; these are books of one's own, on one thread.
import CCore

/// Price levels of one instrument. One thread at a time.
package final class BookHandle {
    fileprivate let handle: OpaquePointer

    /// `depth`: most levels kept per side; the worst is dropped and counted beyond it.
    package init(depth: UInt32) throws(CoreError) {
        var created: OpaquePointer?
        try check(nt_book_create(depth, &created), "creating a book")
        guard let created else { throw CoreError(.noMemory, "creating a book: no memory") }
        handle = created
    }

    deinit { nt_book_destroy(handle) }

    /// Sets the quantity that rests at a price; zero removes the level. False when the level lies
    /// beyond the book's depth and was not kept.
    @discardableResult
    package func set(_ side: Side, _ level: Level) throws(CoreError) -> Bool {
        let status = nt_book_set(handle, side.rawValue, level.price.ticks, level.quantity.lots)
        if status == NT_FULL { return false }
        try check(status, "setting a level")
        return true
    }

    package func clear() { nt_book_clear(handle) }

    /// The `index`-th best level; empty beyond the last.
    package func level(_ side: Side, _ index: Int) -> Level {
        guard let index = UInt32(exactly: index) else { return Level(nt_level()) }
        return Level(nt_book_level(handle, side.rawValue, index))
    }

    package func best(_ side: Side) -> Level { Level(nt_book_best(handle, side.rawValue)) }
    package func count(_ side: Side) -> Int { Int(nt_book_count(handle, side.rawValue)) }
    package func quantity(_ side: Side, at price: Price) -> Quantity {
        Quantity(lots: nt_book_quantity_at(handle, side.rawValue, price.ticks))
    }

    /// Levels that found no room.
    package var dropped: UInt64 { nt_book_dropped(handle) }
    package var hash: UInt64 { nt_book_hash(handle) }
}

/// Follows a venue's depth events and snapshots into a book. One thread at a time.
package final class BookSync {
    package enum State: UInt8, Sendable {
        case empty = 0
        case buffering = 1
        case live = 2
        case stale = 3
    }

    /// What became of an event; the words are those of nt/sync.h.
    package enum Outcome: Sendable, Equatable {
        /// Applied: the book is the venue's as of `updateID`.
        case applied
        /// Older than what is known, or a snapshot that does not reach: nothing changed.
        case old
        /// Kept until a snapshot comes.
        case kept
        /// The book was given up; see `reason`.
        case gap
        /// Not an event of this kind, or a bad snapshot.
        case refused
    }

    /// Written only through this object.
    package let book: BookHandle
    private let handle: OpaquePointer

    /// `maxBufferedLevels`: most levels kept while a snapshot is awaited.
    package init(book: BookHandle, maxBufferedLevels: UInt32) throws(CoreError) {
        var created: OpaquePointer?
        try check(nt_sync_create(book.handle, maxBufferedLevels, &created), "following a book")
        guard let created else { throw CoreError(.noMemory, "following a book: no memory") }
        self.book = book
        handle = created
    }

    deinit { nt_sync_destroy(handle) }

    package func depth(_ event: MarketEvent) -> Outcome {
        BookSync.outcome(nt_sync_depth(handle, event.pointer))
    }

    package func snapshot(_ event: MarketEvent) -> Outcome {
        BookSync.outcome(nt_sync_snapshot(handle, event.pointer))
    }

    package var state: State { State(rawValue: nt_sync_get_state(handle)) ?? .empty }
    /// Why the book was last given up, in words.
    package var reason: String { String(cString: nt_sync_reason_text(nt_sync_get_reason(handle))) }
    /// Last id applied, -1 before the first snapshot.
    package var updateID: Int64 { nt_sync_update_id(handle) }
    /// Depth events applied, kept ones included.
    package var applied: UInt64 { nt_sync_get_counters(handle).applied }
    /// Times that update ids did not chain, an event was malformed, or the book was crossed.
    package var gaps: UInt64 {
        let counters = nt_sync_get_counters(handle)
        // Ids are zero-based places in the C array of reasons: gap, bad event, crossed.
        return counters.gaps.1 + counters.gaps.2 + counters.gaps.3
    }

    private static func outcome(_ status: nt_status) -> Outcome {
        switch status {
        case NT_OK: .applied
        case NT_STALE: .old
        case NT_EMPTY: .kept
        case NT_GAP: .gap
        default: .refused
        }
    }
}

/// What a book needs to know of an event besides its levels.
extension MarketEvent {
    /// First and last update id of a depth event; both are the book's own id in a snapshot.
    package var firstUpdateID: Int64 { pointer.pointee.as.depth.first_id }
    package var lastUpdateID: Int64 { pointer.pointee.as.depth.last_id }
    /// Meaningful for `.quote` only, as are `bid` and `ask`.
    package var quoteID: Int64 { pointer.pointee.as.quote.id }
    package var bid: Level { Level(pointer.pointee.as.quote.bid) }
    package var ask: Level { Level(pointer.pointee.as.quote.ask) }
}
