// Lane.swift — owns one lane of the core with its journal, tape, commands and outbox.
//
// Made and recovered on the caller's thread; from `Duty.start` on the lane belongs to its own
// thread, and only what is marked "any thread" may be called. Tests drive it by hand instead.
import CCore

public final class Lane: @unchecked Sendable {
    package let handle: OpaquePointer
    public let instruments: [Instrument]
    public let clock: Clock
    /// What the journal held at start.
    public private(set) var found: JournalFound?

    private let handler: LaneHandler
    private let instance: UInt32
    private let commands: OpaquePointer
    private let outbox: OpaquePointer
    /// Carries `nt_lane_limits` to the lane.
    let limitsCell: OpaquePointer
    private var journal: OpaquePointer?
    private var tape: OpaquePointer?
    private var paper: OpaquePointer?
    // Kept alive: the core borrows them.
    private let wireOwner: AnyObject?
    private let shared: (budget: RequestBudget?, pulse: Pulse?)

    /// A lane whose bytes go to `sink`: for tests and replays.
    public convenience init(
        _ configuration: LaneConfiguration, handler: LaneHandler, sink: any WireSink
    ) throws(CoreError) {
        let box = WireBox(sink)
        try self.init(configuration, handler: handler, wire: box.wire, wireOwner: box)
    }

    init(
        _ configuration: LaneConfiguration, handler: LaneHandler, wire: nt_wire,
        wireOwner: AnyObject
    ) throws(CoreError) {
        self.handler = handler
        self.wireOwner = wireOwner
        shared = (configuration.budget, configuration.pulse)
        instruments = configuration.instruments
        clock = configuration.clock
        instance = configuration.instance
        var parts = LanePieces()
        do throws(CoreError) {
            commands = try parts.createCommands()
            outbox = try parts.createOutbox()
            limitsCell = try parts.createLimits()
            try parts.createPaper(configuration)
            handle = try parts.createLane(configuration, handler: handler, wire: wire)
        } catch {
            parts.destroy()
            throw error
        }
        paper = parts.paper
        setLimits(configuration)
        try start(configuration)
    }

    deinit {
        nt_lane_destroy(handle)
        nt_paper_destroy(paper)
        if let tape { nt_tape_close(tape) }
        if let journal { nt_journal_close(journal) }
        nt_command_ring_destroy(commands)
        nt_bytes_ring_destroy(outbox)
        nt_cell_destroy(limitsCell)
    }

    private func setLimits(_ configuration: LaneConfiguration) {
        let gate = nt_lane_gate(handle)
        var account = configuration.accountLimits.c
        nt_gate_set_account(gate, &account)
        for (slot, limits) in configuration.instrumentLimits.enumerated() {
            var c = limits.c
            nt_gate_set_instrument(gate, UInt32(slot), &c)
        }
    }

    private func start(_ configuration: LaneConfiguration) throws(CoreError) {
        if let directory = configuration.journalDirectory {
            var found = nt_journal_found()
            journal = try Lane.openJournal(configuration, directory, handle, &found)
            self.found = JournalFound(found)
        }
        if let directory = configuration.tapeDirectory {
            tape = try Lane.openTape(configuration, directory, epoch: journalEpoch)
        }
        try check(nt_lane_start(handle, journal, tape), "starting the lane")
    }

    private var journalEpoch: UInt32 { journal.map { nt_journal_epoch($0) } ?? 1 }

    private static func openTape(
        _ configuration: LaneConfiguration, _ directory: String, epoch: UInt32
    ) throws(CoreError) -> OpaquePointer? {
        var tape: OpaquePointer?
        let status = directory.withCString { path in
            var c = nt_tape_config()
            c.directory = path
            c.max_bytes = configuration.tapeMaxBytes
            c.files = configuration.files
            c.epoch = epoch
            c.inline_drain = configuration.inlineDrain
            return nt_tape_open(&c, &tape)
        }
        try check(status, "opening the tape in \(directory)")
        return tape
    }

    private static func openJournal(
        _ configuration: LaneConfiguration, _ directory: String, _ lane: OpaquePointer,
        _ found: inout nt_journal_found
    ) throws(CoreError) -> OpaquePointer? {
        var journal: OpaquePointer?
        let status = directory.withCString { path in
            var c = nt_journal_config()
            c.directory = path
            c.files = configuration.files
            c.clock = configuration.clock.c
            c.durability = configuration.durability.c
            c.group_ns = configuration.groupTime
            c.inline_drain = configuration.inlineDrain
            withUnsafeMutableBytes(of: &c.account) { $0.copyBytes(from: configuration.account) }
            return nt_journal_open(
                &c, nt_lane_recover, UnsafeMutableRawPointer(lane), &found, &journal)
        }
        try check(status, "opening the journal in \(directory)")
        return journal
    }

    // MARK: Driving by hand (lane thread only)

    /// One whole message of stream `slot`.
    public func receive(
        stream: UInt32, instrument: InstrumentID = .none, _ bytes: UnsafeRawBufferPointer,
        received: Int64
    ) {
        nt_lane_receive(
            handle, stream, instrument.slot, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            UInt32(bytes.count), received)
    }

    public func streamOpened(_ slot: UInt32) {
        nt_lane_stream(handle, slot, nt_stream_state(NT_STREAM_OPEN), "")
    }

    public func streamLost(_ slot: UInt32, reason: String) {
        nt_lane_stream(handle, slot, nt_stream_state(NT_STREAM_WAITING), reason)
    }

    /// A book that the lane wanted could not be fetched.
    public func snapshotFailed(_ instrument: InstrumentID) {
        nt_lane_snapshot_failed(handle, instrument.slot)
    }

    @discardableResult public func tick() -> UInt32 { nt_lane_tick(handle) }

    /// An order waits until the disk has its record (`Durability.strict`): tick again very soon.
    public var awaitsDisk: Bool { nt_lane_awaits_disk(handle) }

    /// `inlineDrain` only: moves the journal's ring to disk.
    public func drainJournal() throws(CoreError) {
        if let journal { try check(nt_journal_drain(journal), "writing the journal") }
    }

    // MARK: Any thread

    /// Orders are reconciled with the venue and their connection is up.
    public var isReady: Bool { nt_lane_ready(handle) }
    /// Monotonic time at which lane and venue last agreed on everything; nil before.
    public var reconciled: Int64? {
        let time = nt_lane_reconciled_ns(handle)
        return time == 0 ? nil : time
    }
    public var isStopped: Bool { nt_lane_stopped(handle) }
    public var trading: TradingState { TradingState(rawValue: nt_lane_trading(handle)) ?? .halted }
    public var counters: LaneCounters { LaneCounters(nt_lane_get_counters(handle)) }

    public func latency(_ stage: LatencyStage) -> LatencySummary {
        LatencySummary(nt_lane_histogram(handle, stage.rawValue))
    }

    /// The best ten levels, published by the lane.
    public func top(_ instrument: InstrumentID) -> BookTop {
        var c = nt_top()
        nt_book_top(nt_lane_book(handle, instrument.slot), &c)
        return BookTop(c)
    }

    /// Monotonic time of the instrument's last market data; zero before any.
    public func lastData(_ instrument: InstrumentID) -> Int64 {
        nt_lane_last_data_ns(handle, instrument.slot)
    }

    /// Number of this start; part of every order's id.
    public var epoch: UInt32 { journalEpoch }

    /// The client order id that the venue sees.
    public func clientOrderID(_ key: OrderKey) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            nt_order_id_write(instance, key.raw, start)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(NT_ORDER_ID_LENGTH))
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Last sequence on disk.
    public var durableSequence: UInt64 { journal.map { nt_journal_durable($0) } ?? 0 }
    /// Nil while the journal can be written.
    public var journalProblem: CoreError? {
        guard let journal else { return nil }
        let status = nt_journal_health(journal)
        return status == NT_OK ? nil : failure(status, "writing the journal")
    }

    // MARK: By one thread, after the lane's thread has ended or in tests

    public var stateHash: UInt64 { nt_lane_hash(handle) }
    public func position(_ instrument: InstrumentID) -> PositionSnapshot {
        PositionSnapshot(nt_lane_position(handle, instrument.slot))
    }
    /// Lots of open orders by side, those without a proven outcome included.
    public func openLots(_ instrument: InstrumentID) -> (buy: Int64, sell: Int64) {
        let exposure = nt_orders_exposure(nt_lane_orders(handle), instrument.slot)
        return (exposure.open_buy, exposure.open_sell)
    }
    public var gateTable: (account: AccountLimits, instruments: [InstrumentLimits]) {
        let gate = nt_lane_gate(handle)
        return (
            AccountLimits(nt_gate_account(gate)),
            instruments.indices.map { InstrumentLimits(nt_gate_instrument(gate, UInt32($0))) }
        )
    }

    /// All orders in the table, oldest key first.
    public var orders: [OrderSnapshot] {
        let table = nt_lane_orders(handle)
        return (0..<nt_orders_capacity(table)).compactMap { slot in
            nt_orders_at(table, slot).map { OrderSnapshot($0.pointee) }
        }.sorted { $0.key.raw < $1.key.raw }
    }

    // MARK: Services (one thread)

    /// Next notice of the lane; nil when there is none now.
    public func nextNotice() -> LaneNotice? {
        var length: UInt32 = 0
        guard let bytes = nt_bytes_ring_peek(outbox, &length) else { return nil }
        defer { nt_bytes_ring_release(outbox) }
        return bytes.withMemoryRebound(to: nt_notice.self, capacity: 1) { LaneNotice($0.pointee) }
    }

    /// Queues a command and returns the ticket its answers carry.
    public func send(_ command: LaneCommand) throws(CoreError) -> UInt64 {
        var c = command.c
        try check(nt_command_send(commands, &c), "queueing the command")
        return c.ticket
    }

    /// Next answer to any command; nil when there is none now.
    public func nextAnswer() -> LaneAnswer? {
        var c = nt_answer()
        guard nt_answer_take(commands, &c) == NT_OK else { return nil }
        return LaneAnswer(c)
    }
}

extension LaneConfiguration {
    fileprivate var files: nt_files { disk?.files ?? nt_files_system() }
}
