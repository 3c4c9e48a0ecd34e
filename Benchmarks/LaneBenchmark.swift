// LaneBenchmark.swift — Lane.message, Lane.tick-to-intent, Lane.tick-to-order (EmaCross).
//
// The whole lane on the simulator without sockets: real codec, book, strategy, gate, journal and
// tape with their threads, encoder; only the wire is a buffer. Each message is timed by itself:
// what it cost, when the strategy had decided, when the order's bytes were handed over. The
// lane's clock is turned by hand, so its own clock readings cost next to nothing here.
//
// With a durability it is the subject of that name: from the decision to the bytes alone. A strict
// lane is ticked without a pause until the disk has the record, as one that spins does.
import BenchmarkKernels
import Binance
import Core
import EmaCross
import Strategy

final class LaneBenchmark: Benchmark {
    private enum Stream {
        static let market: UInt32 = 0
        static let orders: UInt32 = 1
        static let snapshot: UInt32 = 2
    }

    private let venue: BenchmarkVenue
    private let codec: BinanceCodec
    private let handler: TimedHandler
    private let wire = BufferedWire()
    private let lane: Lane
    private let messagesPerRound: Int
    private let durability: Durability?
    private var sending: Measurement
    private var message = Measurement(.lane, "market message, no order (EmaCross)", batch: 1)
    private var intent = Measurement(.lane, "tick to intent (EmaCross)", batch: 1)
    private var order = Measurement(.lane, "tick to order (gate, journal, encode)", batch: 1)
    private var allocations: Int64 = 0
    private var sent = hashStart

    /// Market time between two looks at the venue; a burst of some ten messages each.
    private static let step: Int64 = 10_000_000
    /// Enough for the averages to be defined and to cross.
    private static let leastMessages = 300

    init(
        _ options: BenchmarkOptions, _ directory: String, durability: Durability? = nil
    ) throws(BenchmarkError) {
        self.durability = durability
        messagesPerRound = max(Self.leastMessages, options.samples(10_000))
        let mode = durability?.rawValue ?? ""
        sending = Measurement(.durability, "decision to send (\(mode))", batch: 1)
        // The clock is read once more after the decision, in the tick of every message.
        message.innerReadings = 1
        order.innerReadings = 1
        do {
            venue = try BenchmarkVenue(seed: options.seed)
            codec = try BinanceCodec(
                instruments: [venue.instrument], instance: 1, credentials: venue.credentials)
            handler = TimedHandler()
            lane = try Lane(
                LaneBenchmark.configuration(venue, codec, directory, durability ?? .group),
                handler: handler, sink: wire)
        } catch {
            throw BenchmarkError("lane: \(error)")
        }
        try connect()
    }

    private static func configuration(
        _ venue: BenchmarkVenue, _ codec: BinanceCodec, _ directory: String,
        _ durability: Durability
    ) throws(BenchmarkError) -> LaneConfiguration {
        var configuration = LaneConfiguration(
            instruments: [venue.instrument], roles: [.market, .orders, .snapshot],
            codec: codec.pointer, clock: venue.clock)
        configuration.agreeGap = -1  // Trades at once.
        configuration.journalDirectory = try TemporaryFolder.make(directory, "journal")
        configuration.tapeDirectory = try TemporaryFolder.make(directory, "tape")
        configuration.tapeMaxBytes = 64 << 20
        configuration.durability = durability
        configuration.accountLimits = BenchmarkLimits.account
        configuration.instrumentLimits = [BenchmarkLimits.instrument]
        return configuration
    }

    /// Logs on and reconciles, as at every start.
    private func connect() throws(BenchmarkError) {
        guard venue.connect() else {
            throw BenchmarkError("lane: the venue refused the connection")
        }
        lane.streamOpened(Stream.market)
        lane.streamOpened(Stream.orders)
        deliver()
        for _ in 0..<200 where !lane.isReady || !lane.top(InstrumentID(slot: 0)).isValid {
            venue.advance(by: Self.step)
            deliver()
            services()
        }
        guard lane.isReady else { throw BenchmarkError("lane: it does not get ready") }
    }

    // MARK: Rounds

    func round(isWarmUp: Bool) throws(BenchmarkError) {
        var left = messagesPerRound
        // A market that fell silent must not hold the run up.
        for _ in 0..<(100 * messagesPerRound) where left > 0 {
            venue.advance(by: Self.step)
            for (peer, bytes) in venue.messages() {
                guard peer == BenchmarkVenue.marketPeer else {
                    receive(Stream.orders, bytes)
                    continue
                }
                measure(bytes, isWarmUp: isWarmUp)
                left -= 1
            }
            flush()
            deliver()
            lane.tick()
            services()
        }
        let counters = lane.counters
        guard counters.undecodable == 0, counters.sendBusy == 0, lane.trading == .active else {
            throw BenchmarkError("lane: it stopped trading or could not read a message")
        }
        guard isWarmUp || !order.times.isEmpty else {
            throw BenchmarkError("lane: no order was sent")
        }
    }

    private func measure(_ bytes: [UInt8], isWarmUp: Bool) {
        wire.sentAt = 0
        handler.decidedAt = 0
        let (begin, end, allocated) = bytes.withUnsafeBytes { buffer in
            bk_allocations_begin()
            let begin = bk_now()
            lane.receive(stream: Stream.market, buffer, received: venue.clock.monotonic)
            let end = bk_now()
            while lane.awaitsDisk { lane.tick() }
            return (begin, end, bk_allocations_end())
        }
        guard !isWarmUp else { return }
        if allocated < 0 { allocations = -1 } else { allocations += allocated }
        guard wire.sentAt != 0 else { return message.add(CollectionOfOne(end - begin)) }
        intent.add(CollectionOfOne(handler.decidedAt - begin))
        order.add(CollectionOfOne(wire.sentAt - begin))
        sending.add(CollectionOfOne(wire.sentAt - handler.decidedAt))
    }

    func rows(overhead: Double, reading: Double) throws(BenchmarkError) -> [BenchmarkRow] {
        // Requests to the last byte and what came of them: the order table without its times.
        let hash = lane.orders.reduce(fold(sent, lane.counters.fills)) { hash, order in
            let state = UInt64(order.state.rawValue)
            return fold(fold(fold(hash, order.key.raw), UInt64(order.filled.lots)), state)
        }
        let counted = allocations < 0 ? nil : Int(allocations)
        return (durability == nil ? [message, intent, order] : [sending]).map { measurement in
            var measurement = measurement
            measurement.allocations = counted
            return measurement.row(overhead: overhead, reading: reading, hash: hash)
        }
    }

    // MARK: Beside the clock

    private func receive(
        _ stream: UInt32, _ bytes: [UInt8], _ instrument: InstrumentID = .none
    ) {
        bytes.withUnsafeBytes {
            lane.receive(
                stream: stream, instrument: instrument, $0, received: venue.clock.monotonic)
        }
    }

    /// Hands over what the lane sent, and the answers to it, until nobody has more to say.
    private func deliver() {
        for _ in 0..<1000 {
            flush()
            let messages = venue.messages()
            guard !messages.isEmpty else { return }
            for (peer, bytes) in messages {
                receive(peer == BenchmarkVenue.marketPeer ? Stream.market : Stream.orders, bytes)
            }
        }
    }

    private func flush() {
        for (stream, bytes) in wire.take() {
            sent = bytes.reduce(sent) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            let isMarket = stream == Stream.market
            venue.receive(
                bytes, from: isMarket ? BenchmarkVenue.marketPeer : BenchmarkVenue.orderPeer)
        }
    }

    private func services() {
        while let notice = lane.nextNotice() {
            guard case .snapshotWanted(let instrument) = notice.content else { continue }
            receive(Stream.snapshot, venue.book(), instrument)
        }
    }
}

/// EmaCross, sampling at every event so that it trades often, and when it had decided.
private final class TimedHandler: LaneHandler {
    var decidedAt: Int64 = 0
    private let host = StrategyHost(
        EmaCross(
            EmaCrossParameters(
                fast: 3, slow: 8, sampleInterval: 0, lots: [1000], slippagePPM: 1000)))

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        host.decide(context, call, intents)
        // The first call of a message is the market's; a sent order calls once more.
        if decidedAt == 0 { decidedAt = bk_now() }
    }
}

/// Keeps what the lane sends until it is taken; allocates nothing while it is measured.
private final class BufferedWire: WireSink {
    var sentAt: Int64 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
    private var used = 0
    private var messages: [(stream: UInt32, range: Range<Int>)] = []

    init() { messages.reserveCapacity(64) }
    deinit { buffer.deallocate() }

    func send(stream: UInt32, bytes: UnsafeRawBufferPointer) -> Bool {
        sentAt = bk_now()
        guard used + bytes.count <= buffer.count, messages.count < messages.capacity else {
            return false
        }
        buffer[used..<(used + bytes.count)].copyBytes(from: bytes)
        messages.append((stream, used..<(used + bytes.count)))
        used += bytes.count
        return true
    }

    func take() -> [(stream: UInt32, bytes: [UInt8])] {
        defer {
            messages.removeAll(keepingCapacity: true)
            used = 0
        }
        return messages.map { ($0.stream, [UInt8](buffer[$0.range])) }
    }
}
