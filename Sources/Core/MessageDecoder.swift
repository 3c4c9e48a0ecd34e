// MessageDecoder.swift — a venue's codec used off the lane: recorded messages become events.
import CCore

/// Decodes one whole message at a time, as a lane would. One thread at a time.
package final class MessageDecoder {
    package enum Outcome: Sendable, Equatable {
        /// How many events `event(_:)` gives until the next call.
        case events(Int)
        /// Well formed, known by name, and deliberately not handled.
        case unsupported
        /// Not what the venue documents; the text says how, such as "not valid: overflow".
        case malformed(String)
    }

    private let codec: UnsafePointer<nt_codec>
    // Whoever made the codec frees it with this.
    private let owner: AnyObject
    private let events: UnsafeMutableBufferPointer<nt_event>

    /// `codec` is the venue's `nt_codec`, which lives as long as `owner`.
    package init(codec: UnsafeRawPointer, ownedBy owner: AnyObject) {
        self.codec = codec.assumingMemoryBound(to: nt_codec.self)
        self.owner = owner
        events = .allocate(capacity: Int(NT_MAX_EVENTS_PER_MESSAGE))
        events.initialize(repeating: nt_event())
    }

    deinit { events.deallocate() }

    /// `instrument`: whose book it is, for `.snapshot`. `received`: nanoseconds, put in each event.
    package func decode(
        _ message: UnsafeRawBufferPointer, role: StreamRole, instrument: InstrumentID = .none,
        received: Int64
    ) -> Outcome {
        guard let length = UInt32(exactly: message.count), length > 0 else {
            return .malformed("an empty message")
        }
        var count: UInt32 = 0
        let status = codec.pointee.decode(
            codec.pointee.context, role.rawValue, instrument.slot,
            message.bindMemory(to: UInt8.self).baseAddress, length, events.baseAddress,
            NT_MAX_EVENTS_PER_MESSAGE, &count)
        if status == NT_UNSUPPORTED { return .unsupported }
        guard status == NT_OK else { return .malformed(String(cString: nt_status_text(status))) }
        for index in 0..<Int(count) { events[index].received_ns = received }
        return .events(Int(count))
    }

    /// Borrowed; valid until the next `decode`.
    package func event(_ index: Int) -> MarketEvent {
        precondition(index < events.count, "an event beyond those that were decoded")
        guard let base = events.baseAddress else {
            preconditionFailure("the event buffer is allocated with room for every event")
        }
        return MarketEvent(UnsafePointer(base + index))
    }
}
