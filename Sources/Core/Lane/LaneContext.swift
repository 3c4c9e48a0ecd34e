// LaneContext.swift — what a strategy may know at one moment. Borrowed for the call.
import CCore

public struct LaneContext {
    @usableFromInline let pointer: UnsafePointer<nt_lane_view>

    @usableFromInline init(_ pointer: UnsafePointer<nt_lane_view>) { self.pointer = pointer }

    /// Best bid and ask, the newer of book and quote. Empty when that side is unknown.
    @inlinable public var bid: Level { Level(pointer.pointee.bid) }
    @inlinable public var ask: Level { Level(pointer.pointee.ask) }
    /// Midpoint in half-ticks, so that it stays an integer. Nil while either side is empty.
    @inlinable public var midHalfTicks: Int64? {
        let bid = pointer.pointee.bid
        let ask = pointer.pointee.ask
        guard bid.quantity > 0, ask.quantity > 0 else { return nil }
        return bid.price + ask.price
    }
    /// Lots held, negative when short.
    @inlinable public var positionLots: Int64 { pointer.pointee.position.pointee.lots }
    /// Lots of open orders on each side, those without a proven outcome included.
    @inlinable public var openBuyLots: Int64 { pointer.pointee.exposure.open_buy }
    @inlinable public var openSellLots: Int64 { pointer.pointee.exposure.open_sell }
    @inlinable public var openOrders: UInt32 { pointer.pointee.exposure.live }
    /// Monotonic nanoseconds. The only clock a strategy has.
    @inlinable public var now: Int64 { pointer.pointee.now_ns }
    /// The book is synchronised and not crossed: new risk may be based on it.
    @inlinable public var isValid: Bool { pointer.pointee.valid }
    /// Connected, reconciled with the venue and ACTIVE.
    @inlinable public var isTrading: Bool { pointer.pointee.trading }
    /// Lots that can be sold now (a venue may take its fee out of what was bought).
    public var sellableLots: Int64 {
        nt_position_sellable(pointer.pointee.position, pointer.pointee.instrument)
    }
    /// Smallest quantity that the venue takes, in lots.
    @inlinable public var minLots: Int64 { pointer.pointee.instrument.pointee.min_quantity }

    /// The `index`-th best level of a side, empty beyond the last.
    public func level(_ side: Side, _ index: UInt32) -> Level {
        Level(nt_book_level(pointer.pointee.book, side.rawValue, index))
    }
}
