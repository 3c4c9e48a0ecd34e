// LaneRig.swift — a whole lane on fakes: a clock that the test turns and the fake venue, in one
// thread. What the lane sends the venue takes at once; what it says waits until it is delivered.
public import Core
import FakeVenue

/// The fake venue as the lane's wire.
private final class VenueSink: WireSink {
    let venue: OpaquePointer

    init(_ venue: OpaquePointer) { self.venue = venue }
    deinit { fake_venue_destroy(venue) }

    func send(stream: UInt32, bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        fake_venue_take(
            venue, base.assumingMemoryBound(to: UInt8.self), UInt32(bytes.count))
        return true
    }
}

public final class LaneRig {
    public static let marketStream: UInt32 = 0
    public static let orderStream: UInt32 = 1
    public static let snapshotStream: UInt32 = 2

    public let lane: Lane
    public let time: ManualTime
    public let instruments: [Instrument]
    /// Everything that the lane told so far, when `keepsNotices`.
    public private(set) var notices: [LaneNotice] = []
    public var keepsNotices = false

    private let sink: VenueSink
    private let buffer: UnsafeMutablePointer<UInt8>

    /// `change` may alter the lane's configuration before it is made.
    public init(
        seed: UInt64, instruments count: Int = 2, handler: LaneHandler,
        _ change: (inout LaneConfiguration) -> Void = { _ in }
    ) throws {
        guard let venue = fake_venue_create(seed, UInt32(count)),
            let codec = fake_venue_codec(venue)
        else { throw CoreError(.noMemory, "creating the fake venue") }
        sink = VenueSink(venue)
        time = ManualTime(
            monotonic: 1_000_000_000_000, wall: 1_700_000_000_000_000_000)
        instruments = LaneRig.instruments(count)
        var configuration = LaneConfiguration(
            instruments: instruments, roles: [.market, .orders, .snapshot], codec: codec,
            clock: Clock(manual: time))
        configuration.agreeGap = -1  // One round of a reconciliation is enough.
        configuration.accountLimits = LaneRig.accountLimits
        configuration.instrumentLimits = .init(repeating: LaneRig.instrumentLimits, count: count)
        change(&configuration)
        lane = try Lane(configuration, handler: handler, sink: sink)
        buffer = .allocate(capacity: Int(FAKE_MAX_MESSAGE))
    }

    deinit { buffer.deallocate() }

    /// Opens both streams and lets the lane log on and reconcile.
    public func connect() {
        lane.streamOpened(LaneRig.marketStream)
        lane.streamOpened(LaneRig.orderStream)
        deliver()
        services()
    }

    /// One message of the market and what the venue answers to it, then a millisecond passes.
    /// Allocates nothing by itself.
    public func step() {
        let length = fake_venue_market(
            sink.venue, lane.clock.wall, buffer, FAKE_MAX_MESSAGE)
        receive(LaneRig.marketStream, length)
        deliver()
        time.advance(by: 1_000_000)
        lane.tick()
    }

    /// Steps, with the services' work after each.
    public func run(messages: Int) {
        for _ in 0..<messages {
            step()
            services()
        }
    }

    /// Hands over all that the venue has to say on the order stream.
    public func deliver() {
        while true {
            let length = fake_venue_next(sink.venue, buffer, FAKE_MAX_MESSAGE)
            guard length > 0 else { return }
            receive(LaneRig.orderStream, length)
        }
    }

    /// Reads the outbox and fetches the books that the lane wants.
    public func services() {
        while let notice = lane.nextNotice() {
            if case .snapshotWanted(let instrument) = notice.content {
                let length = fake_venue_snapshot(
                    sink.venue, instrument.slot, buffer, FAKE_MAX_MESSAGE)
                receive(LaneRig.snapshotStream, length, instrument)
            }
            if keepsNotices { notices.append(notice) }
        }
    }

    private func receive(
        _ stream: UInt32, _ length: UInt32, _ instrument: InstrumentID = .none
    ) {
        lane.receive(
            stream: stream, instrument: instrument,
            UnsafeRawBufferPointer(start: buffer, count: Int(length)),
            received: lane.clock.monotonic)
    }

    /// Lots that the venue says the account holds.
    public func venuePosition(_ instrument: InstrumentID) -> Int64 {
        fake_venue_position(sink.venue, instrument.slot)
    }

    /// Trades that the venue made for the account.
    public var venueTrades: UInt64 { fake_venue_trades(sink.venue) }
}

extension LaneRig {
    /// Symbols A, B, … quoted in Q; prices around 100.00.
    public static func instruments(_ count: Int) -> [Instrument] {
        (0..<count).map { index in
            let letter = String(UnicodeScalar(UInt8(65 + index)))
            return Instrument(
                symbol: letter, base: letter, quote: "Q", priceDecimals: 2, quantityDecimals: 2)
        }
    }

    /// Wide limits, all of them set.
    public static var accountLimits: AccountLimits {
        var limits = AccountLimits()
        limits.maxGrossValue = Money(10_000_000)
        limits.maxOpenValue = Money(10_000_000)
        limits.maxDailyLoss = Money(10_000_000)
        limits.maxOpenOrders = 100
        limits.maxOrdersPerWindow = 1000
        limits.orderWindow = 1_000_000_000
        limits.maxRejectsPerWindow = 100
        limits.rejectWindow = 1_000_000_000
        limits.budgetWeight = 1_000_000
        limits.budgetReserve = 1000
        limits.budgetWindow = 60_000_000_000
        return limits
    }

    public static var instrumentLimits: InstrumentLimits {
        var limits = InstrumentLimits()
        limits.maxOrderLots = 1000
        limits.maxOrderValue = Money(1_000_000)
        limits.maxPositionLots = 100_000
        limits.collarPPM = 100_000
        limits.emergencyCollarPPM = 200_000
        limits.maxAge = 5_000_000_000
        limits.emergencyMaxAgeMilliseconds = 600_000
        return limits
    }
}
