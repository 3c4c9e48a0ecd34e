// Duty.swift — the lane's own thread with its connections.
import CCore

/// One connection of a lane. Names are looked up elsewhere, never on the lane: it is opened to
/// `address`, and told of others by `Duty.post`.
public struct StreamConfiguration: Sendable {
    public var role: StreamRole
    public var address = ""
    public var port: UInt16 = 443
    /// Name that the certificate must carry.
    public var host = ""
    public var path = "/"
    /// Nil: the system's store.
    public var caFile: String?
    public var maxMessage: UInt32 = 16 << 20
    public var silenceTimeoutMilliseconds: UInt32 = 10_000
    public var feed = FeedConfiguration()

    public init(role: StreamRole) { self.role = role }
}

/// What is known of one connection of a lane.
public struct ConnectionState: Sendable, Hashable {
    /// In use, or next to be tried; empty before the lane runs.
    public var address: String
    /// When the venue's certificate expires, UTC seconds; nil before one was seen.
    public var certificateEnd: Int64?
    public var isOpen: Bool

    init(_ c: nt_connection) {
        address = fixedText(c.address)
        certificateEnd = c.certificate_end_s == 0 ? nil : c.certificate_end_s
        isOpen = c.state == UInt8(NT_STREAM_OPEN)
    }
}

public struct DutyConfiguration: Sendable {
    public var streams: [StreamConfiguration]
    /// Never wait: only with a core of its own.
    public var spin = false
    /// Bound of one wait, nanoseconds, 1 µs … 10 ms.
    public var wait: Int64 = 2_000_000
    /// Core to pin to; nil = not pinned.
    public var cpu: Int32?
    /// Do not use io_uring even where it works.
    public var refuseRing = false

    public init(streams: [StreamConfiguration]) { self.streams = streams }
}

/// Owns the lane and the thread it runs on.
public final class Duty: @unchecked Sendable {
    public let lane: Lane
    private let handle: OpaquePointer
    // The core keeps no copy of the handler: it must outlive the thread.
    private let handler: LaneHandler

    public init(
        _ configuration: DutyConfiguration, lane laneConfiguration: LaneConfiguration,
        handler: LaneHandler
    ) throws(CoreError) {
        self.handler = handler
        let handle = try Duty.create(configuration, clock: laneConfiguration.clock)
        self.handle = handle
        do throws(CoreError) {
            lane = try Lane(
                laneConfiguration, handler: handler, wire: nt_duty_wire(handle),
                wireOwner: handler)
        } catch {
            nt_duty_destroy(handle)
            throw error
        }
    }

    deinit { nt_duty_destroy(handle) }

    private static func create(
        _ configuration: DutyConfiguration, clock: Clock
    ) throws(CoreError) -> OpaquePointer {
        var c = nt_duty_config()
        c.net.clock = clock.c
        c.net.random = nt_random_system()
        c.net.refuse_ring = configuration.refuseRing
        c.spin = configuration.spin
        c.wait_ns = configuration.wait
        c.cpu = configuration.cpu ?? -1
        c.stream_count = UInt32(configuration.streams.count)
        // The core copies these strings; they live until then.
        var texts: [UnsafeMutablePointer<CChar>] = []
        defer { texts.forEach { $0.deallocate() } }
        func keep(_ text: String) -> UnsafePointer<CChar> {
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (index, byte) in bytes.enumerated() { copy[index] = byte }
            texts.append(copy)
            return UnsafePointer(copy)
        }
        let streams = configuration.streams.map { stream in
            var c = nt_stream_config()
            c.address = keep(stream.address)
            c.port = stream.port
            c.host = keep(stream.host)
            c.path = keep(stream.path)
            c.ca_file = stream.caFile.map { keep($0) }
            c.max_message = stream.maxMessage
            c.silence_timeout_ms = stream.silenceTimeoutMilliseconds
            c.reconnect = true
            return c
        }
        let roles = configuration.streams.map(\.role.rawValue)
        var handle: OpaquePointer?
        let status = streams.withUnsafeBufferPointer { streams in
            roles.withUnsafeBufferPointer { roles in
                c.streams = streams.baseAddress
                c.roles = roles.baseAddress
                return nt_duty_create(&c, &handle)
            }
        }
        try check(status, "creating the lane's thread")
        guard let handle else { throw CoreError(.noMemory, "creating the lane's thread") }
        return handle
    }

    /// Starts the thread; from here on the lane belongs to it.
    public func start() throws(CoreError) {
        try check(nt_duty_start(handle, lane.handle), "starting the lane's thread")
    }

    /// Waits for the thread's end. Send `.stop` first; `force` ends it without.
    public func join(force: Bool = false) { nt_duty_join(handle, force) }

    /// Sends a command and ends the lane's wait.
    public func send(_ command: LaneCommand) throws(CoreError) -> UInt64 {
        let ticket = try lane.send(command)
        nt_duty_wake(handle)
        return ticket
    }

    /// Hands over a fetched book, or, with nil, that it could not be fetched. Services thread only.
    public func post(snapshot body: [UInt8]?, of instrument: InstrumentID) throws(CoreError) {
        try post(body, of: instrument, by: nt_duty_post_snapshot)
    }

    /// The same for a few levels, fetched to hold a silent book against them.
    public func post(witness body: [UInt8]?, of instrument: InstrumentID) throws(CoreError) {
        try post(body, of: instrument, by: nt_duty_post_witness)
    }

    private typealias Post = (
        OpaquePointer?, nt_instrument_id, UnsafeMutablePointer<UInt8>?, UInt32
    ) -> nt_status

    private func post(
        _ body: [UInt8]?, of instrument: InstrumentID, by hand: Post
    ) throws(CoreError) {
        freeUsed()
        guard let body else {
            try check(hand(handle, instrument.slot, nil, 0), "posting a book")
            return
        }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: body.count + 1)
        copy.initialize(from: body, count: body.count)
        let status = hand(handle, instrument.slot, copy, UInt32(body.count))
        if status != NT_OK { copy.deallocate() }
        try check(status, "posting a book")
    }

    /// Hands the lane the addresses that a connection's name has now, in the order in which to try
    /// them: an open connection stays, the next one uses them. One services thread only; throws
    /// `.full` when the lane has not yet taken what was posted before.
    public func post(addresses: [String], of slot: Int) throws(CoreError) {
        var c = nt_addresses(texts: addresses)
        try check(nt_duty_post_addresses(handle, UInt32(slot), &c), "posting addresses")
    }

    /// The lane's connections by slot, as of their last change. The thread that posts addresses
    /// only.
    public func connections(_ count: Int) -> [ConnectionState] {
        let shown = UnsafeBufferPointer(start: nt_duty_connections(handle), count: count)
        return shown.map { ConnectionState($0) }
    }

    private func freeUsed() {
        // Swift's allocate is malloc on this platform, and so is the core's free.
        while let used = nt_duty_take_used(handle) { used.deallocate() }
    }

    /// "io_uring" or "poll"; empty before the thread runs. Any thread.
    public var networkKind: String { String(cString: nt_duty_net_kind(handle)) }
    /// Why io_uring is not in use, in words with the mend; empty where it is. Any thread.
    public var networkRefusal: String { String(cString: nt_duty_net_refusal(handle)) }
    /// Monotonic stamp of the lane's last turn. Any thread.
    public var heartbeat: Int64 { nt_duty_heartbeat(handle) }
    /// Why the thread could not start its connections; nil when it did. Any thread.
    public var problem: CoreError? {
        let status = nt_duty_health(handle)
        return status == NT_OK ? nil : CoreError(.io, "the lane's connections cannot be started")
    }
}
