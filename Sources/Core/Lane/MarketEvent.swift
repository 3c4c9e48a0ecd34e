// MarketEvent.swift — a market event as a strategy sees it: a borrowed view, nothing copied.
import CCore

/// A level of a book: price and the quantity resting there.
public struct Level: Sendable, Hashable {
    public var price: Price
    public var quantity: Quantity

    @inlinable public init(price: Price, quantity: Quantity) {
        self.price = price
        self.quantity = quantity
    }

    @usableFromInline init(_ c: nt_level) {
        self.init(price: Price(ticks: c.price), quantity: Quantity(lots: c.quantity))
    }

    /// Nothing rests: that side of the book is empty.
    @inlinable public var isEmpty: Bool { quantity.lots == 0 }
}

/// Valid only for the call it is handed to; do not keep it.
public struct MarketEvent {
    public enum Kind: UInt8, Sendable {
        case depth = 1
        case snapshot = 2
        case quote = 3
        case trade = 4
        case other = 0
    }

    @usableFromInline let pointer: UnsafePointer<nt_event>

    @usableFromInline init(_ pointer: UnsafePointer<nt_event>) { self.pointer = pointer }

    @inlinable public var kind: Kind { Kind(rawValue: pointer.pointee.kind) ?? .other }
    @inlinable public var instrument: InstrumentID {
        InstrumentID(slot: pointer.pointee.instrument)
    }
    /// The lane's own number of this event.
    @inlinable public var sequence: UInt64 { pointer.pointee.sequence }
    /// Monotonic nanoseconds at which its bytes arrived.
    @inlinable public var received: Int64 { pointer.pointee.received_ns }
    /// The venue's own time, UTC nanoseconds; zero when it stated none.
    @inlinable public var venueTime: Int64 { pointer.pointee.venue_ns }

    /// Price of a public trade; meaningful for `.trade` only.
    @inlinable public var tradePrice: Price { Price(ticks: pointer.pointee.as.trade.price) }
    @inlinable public var tradeQuantity: Quantity {
        Quantity(lots: pointer.pointee.as.trade.quantity)
    }
    /// Side of the taker; meaningful for `.trade` only.
    @inlinable public var aggressor: Side {
        pointer.pointee.as.trade.aggressor == 0 ? .buy : .sell
    }
}
