// Intents.swift — what a strategy wants done, written into the lane's fixed array.
import CCore

/// Key of one of our orders: start (epoch) and number in it.
public struct OrderKey: Sendable, Hashable, CustomStringConvertible {
    public let raw: UInt64
    @inlinable public init(raw: UInt64) { self.raw = raw }
    public static let none = OrderKey(raw: 0)

    public var epoch: UInt32 { UInt32(truncatingIfNeeded: raw >> UInt64(NT_ORDER_SEQUENCE_BITS)) }
    public var sequence: UInt64 { raw & ((1 << UInt64(NT_ORDER_SEQUENCE_BITS)) - 1) }
    /// Short text for people, such as `3-17`.
    public var description: String { "\(epoch)-\(sequence)" }

    /// Reads what `description` writes.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = UInt32(parts[0]), let sequence = UInt64(parts[1]),
            epoch <= (1 << 20) - 1, sequence < 1 << UInt64(NT_ORDER_SEQUENCE_BITS)
        else { return nil }
        raw = nt_order_key_make(epoch, sequence)
    }
}

/// A fixed array of at most sixteen wishes per call; what does not fit is counted and dropped.
public struct Intents {
    @usableFromInline let pointer: UnsafeMutablePointer<nt_intents>

    @usableFromInline init(_ pointer: UnsafeMutablePointer<nt_intents>) { self.pointer = pointer }

    /// Places an order. `tag` comes back with every report about it.
    @inlinable public func place(
        _ instrument: InstrumentID, _ side: Side, _ quantity: Quantity, type: OrderType,
        price: Price = Price(ticks: 0), stop: Price = Price(ticks: 0),
        timeInForce: TimeInForce = .gtc, reduceOnly: Bool = false, tag: UInt64 = 0
    ) {
        var intent = nt_intent()
        intent.kind = 0
        intent.instrument = instrument.slot
        intent.side = side.rawValue
        intent.type = type.rawValue
        intent.tif = timeInForce.rawValue
        intent.price = price.ticks
        intent.stop_price = stop.ticks
        intent.quantity = quantity.lots
        intent.flags = reduceOnly ? 1 : 0
        intent.tag = tag
        append(intent)
    }

    @inlinable public func cancel(_ instrument: InstrumentID, _ order: OrderKey) {
        var intent = nt_intent()
        intent.kind = 1
        intent.instrument = instrument.slot
        intent.order = order.raw
        append(intent)
    }

    /// Leaves a position: so many lots of it, or all. What else offers them is cancelled first, and
    /// they are offered anew only when its end is proven; what it still trades on the way is no
    /// more to leave. At once by default, within the emergency collar; with a price or a stop as
    /// asked. Each lot is offered once: what expires is the strategy's to see and to ask for again.
    /// A newer exit of the instrument takes the place of one that still waits.
    @inlinable public func exit(
        _ instrument: InstrumentID, _ quantity: Quantity? = nil, type: OrderType = .market,
        price: Price = Price(ticks: 0), stop: Price = Price(ticks: 0),
        timeInForce: TimeInForce = .gtc, tag: UInt64 = 0
    ) {
        var intent = nt_intent()
        intent.kind = 4
        intent.instrument = instrument.slot
        intent.type = type.rawValue
        intent.tif = timeInForce.rawValue
        intent.price = price.ticks
        intent.stop_price = stop.ticks
        intent.quantity = quantity.map { max($0.lots, 1) } ?? .max
        intent.tag = tag
        append(intent)
    }

    /// Takes back an exit that still waits. What it has offered stays.
    @inlinable public func keep(_ instrument: InstrumentID) {
        var intent = nt_intent()
        intent.kind = 4
        intent.instrument = instrument.slot
        append(intent)
    }

    @inlinable func append(_ intent: nt_intent) {
        let count = Int(pointer.pointee.count)
        guard count < 16 else {
            pointer.pointee.dropped += 1
            return
        }
        withUnsafeMutablePointer(to: &pointer.pointee.items) { items in
            items.withMemoryRebound(to: nt_intent.self, capacity: 16) { $0[count] = intent }
        }
        pointer.pointee.count += 1
    }
}
