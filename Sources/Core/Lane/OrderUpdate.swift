// OrderUpdate.swift — what became of the strategy's orders and wishes. Borrowed for the call.
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

/// A wish that the gate refused.
public struct OrderRefusal {
    @usableFromInline let verdict: UnsafePointer<nt_verdict>
    @usableFromInline let intent: UnsafePointer<nt_intent>

    @usableFromInline init(
        _ verdict: UnsafePointer<nt_verdict>, _ intent: UnsafePointer<nt_intent>
    ) {
        self.verdict = verdict
        self.intent = intent
    }

    /// The gate's reason by number; its name is in the notices.
    @inlinable public var code: UInt8 { verdict.pointee.refusal }
    /// The numbers that decided, in the check's own unit.
    @inlinable public var value: Int64 { verdict.pointee.value }
    @inlinable public var limit: Int64 { verdict.pointee.limit }
    @inlinable public var side: Side { intent.pointee.side == 0 ? .buy : .sell }
    @inlinable public var tag: UInt64 { intent.pointee.tag }
}
