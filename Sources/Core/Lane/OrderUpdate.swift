// OrderUpdate.swift — a change of one of the strategy's orders. Borrowed for the call.
import CCore

public struct OrderUpdate {
    @usableFromInline let pointer: UnsafePointer<nt_order_change>

    @usableFromInline init(_ pointer: UnsafePointer<nt_order_change>) { self.pointer = pointer }

    @inlinable public var order: OrderKey { OrderKey(raw: pointer.pointee.order.intent.order) }
    @inlinable public var state: OrderState {
        OrderState(rawValue: pointer.pointee.order.state) ?? .disputed
    }
    @inlinable public var side: Side { pointer.pointee.order.intent.side == 0 ? .buy : .sell }
    @inlinable public var tag: UInt64 { pointer.pointee.order.intent.tag }
    /// Lots filled so far.
    @inlinable public var filledLots: Int64 { pointer.pointee.order.cumulative }
    /// This change was a new fill.
    @inlinable public var isFill: Bool { pointer.pointee.fill_applied }
}
