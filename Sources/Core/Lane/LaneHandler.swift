// LaneHandler.swift — the one call from the core into Swift, formed in one nonisolated place.
//
// A closure formed on an actor or in main.swift would check its isolation on every call, thirty
// times the cost of the call itself; a benchmark guards this.
import CCore

/// What the lane asks. Borrowed for the call.
public struct LaneCall {
    @usableFromInline let pointer: UnsafePointer<nt_call>

    @usableFromInline init(_ pointer: UnsafePointer<nt_call>) { self.pointer = pointer }

    @inlinable public var event: MarketEvent { MarketEvent(pointer.pointee.event) }
    /// Set when one of our orders changed.
    @inlinable public var update: OrderUpdate? {
        guard let change = pointer.pointee.change else { return nil }
        return OrderUpdate(change)
    }
    /// Set when the gate refused one of our intents.
    @inlinable public var refusal: OrderRefusal? {
        guard let verdict = pointer.pointee.refusal, let intent = pointer.pointee.refused else {
            return nil
        }
        return OrderRefusal(verdict, intent)
    }
}

/// What stands behind the lane's callback. One virtual call per event; the lane's thread only.
open class LaneHandler {
    public init() {}

    /// Must not allocate, block, throw or log.
    open func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {}
}

/// The C function pointer that the lane calls; `context` is a `LaneHandler`.
nonisolated func decideCallback() -> nt_decide {
    { context, view, call, intents in
        guard let context, let view, let call, let intents else { return }
        let handler = Unmanaged<LaneHandler>.fromOpaque(context)
        handler._withUnsafeGuaranteedRef {
            $0.decide(LaneContext(view), LaneCall(call), Intents(intents))
        }
    }
}
