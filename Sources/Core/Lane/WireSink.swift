// WireSink.swift — how the bytes of a lane leave that is driven by hand.
import CCore

/// How bytes leave, for lanes driven by hand.
public protocol WireSink: AnyObject {
    /// False: the socket took nothing.
    func send(stream: UInt32, bytes: UnsafeRawBufferPointer) -> Bool
}

/// Gives a Swift sink the shape of the core's wire.
final class WireBox {
    private let sink: any WireSink
    init(_ sink: any WireSink) { self.sink = sink }

    nonisolated var wire: nt_wire {
        nt_wire(
            context: Unmanaged.passUnretained(self).toOpaque(),
            send: { context, stream, bytes, length in
                guard let context else { return NT_CLOSED }
                let box = Unmanaged<WireBox>.fromOpaque(context).takeUnretainedValue()
                let buffer = UnsafeRawBufferPointer(start: bytes, count: Int(length))
                return box.sink.send(stream: stream, bytes: buffer) ? NT_OK : NT_BUSY
            }, restart: nil)
    }
}
