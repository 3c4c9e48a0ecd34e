// LanePieces.swift — the C parts of a lane while they are made, and what their configuration says.
import CCore

/// The C parts under construction, so that a failure half-way frees what exists.
struct LanePieces {
    var commands: OpaquePointer?
    var outbox: OpaquePointer?
    var limits: OpaquePointer?
    var paper: OpaquePointer?

    mutating func createCommands() throws(CoreError) -> OpaquePointer {
        try check(nt_command_ring_create(64, &commands), "creating the command ring")
        return try exists(commands)
    }

    mutating func createOutbox() throws(CoreError) -> OpaquePointer {
        try check(nt_bytes_ring_create(1 << 23, &outbox), "creating the outbox")
        return try exists(outbox)
    }

    mutating func createLimits() throws(CoreError) -> OpaquePointer {
        let size = UInt32(MemoryLayout<nt_lane_limits>.size)
        try check(nt_cell_create(size, &limits), "creating the cell of limits")
        return try exists(limits)
    }

    private func exists(_ pointer: OpaquePointer?) throws(CoreError) -> OpaquePointer {
        guard let pointer else { throw CoreError(.noMemory, "no memory") }
        return pointer
    }

    mutating func createPaper(_ configuration: LaneConfiguration) throws(CoreError) {
        guard let paper = configuration.paper else { return }
        var c = nt_paper_config()
        c.instrument_count = UInt32(configuration.instruments.count)
        c.max_orders = paper.maxOrders
        c.latency_ns = paper.latency
        c.first_trade = configuration.clock.wall
        c.maker_fee_ppm = paper.makerFeePPM
        c.taker_fee_ppm = paper.takerFeePPM
        let table = configuration.instruments.map(\.cValue)
        var created: OpaquePointer?
        let status = table.withUnsafeBufferPointer { buffer in
            c.instruments = buffer.baseAddress
            return nt_paper_create(&c, &created)
        }
        self.paper = created
        try check(status, "creating the paper venue")
    }

    func createLane(
        _ configuration: LaneConfiguration, handler: LaneHandler, wire: nt_wire
    ) throws(CoreError) -> OpaquePointer {
        var c = nt_lane_config()
        c.instrument_count = UInt32(configuration.instruments.count)
        c.stream_count = UInt32(configuration.roles.count)
        c.book_depth = configuration.bookDepth
        c.max_orders = configuration.maxOrders
        c.instance = configuration.instance
        c.clock = configuration.clock.c
        c.codec = configuration.codec.assumingMemoryBound(to: nt_codec.self)
        c.wire = wire
        c.paper = paper
        c.commands = commands
        c.outbox = outbox
        c.limits = limits
        c.reply_timeout_ns = configuration.replyTimeout
        c.query_interval_ns = configuration.queryInterval
        c.absence_gap_ns = configuration.absenceGap
        c.agree_gap_ns = configuration.agreeGap
        c.reconcile_every_ns = configuration.reconcileEvery
        c.validity_ns = configuration.validity
        c.queue_ns = configuration.queueTime
        c.budget = configuration.budget?.handle
        c.pulse = configuration.pulse?.handle
        c.strategy = Unmanaged.passUnretained(handler).toOpaque()
        c.decide = decideCallback()
        let table = configuration.instruments.map(\.cValue)
        let roles = configuration.roles.map(\.rawValue)
        let (feeds, silences) = (configuration.feeds.map(\.c), configuration.maxSilence)
        precondition(feeds.isEmpty || feeds.count == roles.count, "a feed for each stream")
        precondition(silences.isEmpty || silences.count == table.count, "one for each instrument")
        var lane: OpaquePointer?
        let status = table.withUnsafeBufferPointer { instruments in
            roles.withUnsafeBufferPointer { roles in
                feeds.withUnsafeBufferPointer { feeds in
                    silences.withUnsafeBufferPointer { silences in
                        c.instruments = instruments.baseAddress
                        c.roles = roles.baseAddress
                        c.feeds = feeds.isEmpty ? nil : feeds.baseAddress
                        c.max_silence_ns = silences.isEmpty ? nil : silences.baseAddress
                        return nt_lane_create(&c, &lane)
                    }
                }
            }
        }
        try check(status, "creating the lane")
        return try exists(lane)
    }

    func destroy() {
        nt_paper_destroy(paper)
        if let commands { nt_command_ring_destroy(commands) }
        if let outbox { nt_bytes_ring_destroy(outbox) }
        nt_cell_destroy(limits)
    }
}
