// WorldBot.swift — one process of the bot in the world: the real lane on the world's disk, with
// the accounts that the services keep. Killed, it leaves what the disk and the ring hold.
import Core
import Execution
import Risk
import WorldVenue

final class WorldBot {
    let lane: Lane
    let trader: WorldTrader
    private(set) var ledger: Ledger
    private let wire: WorldWire

    init(
        venue: OpaquePointer, time: ManualTime, disk: MemoryDisk, seed: UInt64, life: Int,
        instruments: [Instrument], durability: Durability, watch: WorldWatch
    ) throws {
        trader = WorldTrader(seed: seed &+ UInt64(life) &* 7919)
        wire = WorldWire(venue: venue, time: time, watch: watch)
        guard let codec = world_venue_codec(venue) else {
            throw CoreError(.noMemory, "the world's venue has no codec")
        }
        var configuration = LaneConfiguration(
            instruments: instruments, roles: [.market, .orders, .snapshot], codec: codec,
            clock: Clock(manual: time))
        configuration.instance = 7
        configuration.disk = disk
        configuration.journalDirectory = "journal"
        configuration.inlineDrain = true
        configuration.durability = durability
        configuration.maxOrders = 512
        configuration.bookDepth = 64
        // A life is short: seconds of waiting would leave no time to trade.
        configuration.agreeGap = 100_000_000
        configuration.reconcileEvery = 2_000_000_000
        configuration.validity = Int64(WORLD_VALIDITY_NS)
        configuration.accountLimits = WorldBot.account.compiled()
        configuration.instrumentLimits = try instruments.map {
            try WorldBot.policy.compiled(for: $0)
        }
        lane = try Lane(configuration, handler: trader, sink: wire)
        ledger = Ledger(instruments: instruments)
        for slot in instruments.indices {
            let id = InstrumentID(slot: UInt32(slot))
            ledger.restore(id, lane.position(id))
        }
        wire.lane = lane
    }

    /// False: a fill that the accounts cannot take.
    func book(_ fill: Fill) -> Bool {
        do throws(CoreError) {
            try ledger.apply(fill)
            return true
        } catch {
            return false
        }
    }

    static let maxAgeMilliseconds: Int64 = 2000

    private static var policy: InstrumentPolicy {
        var policy = InstrumentPolicy()
        policy.maxOrder = "10.00"
        policy.maxPosition = "1.00"
        policy.maxOrderValue = Money(1_000_000)
        policy.collar = 0.05
        policy.emergencyCollar = 0.10
        policy.maxAgeMilliseconds = maxAgeMilliseconds
        return policy
    }

    private static var account: AccountPolicy {
        var policy = AccountPolicy()
        policy.maxGrossValue = Money(1_000_000)
        policy.maxOpenValue = Money(1_000_000)
        policy.maxDailyLoss = Money(1_000_000)
        policy.maxOpenOrders = 60
        policy.maxOrdersPerSecond = 200
        policy.duplicateWindowMilliseconds = 0
        policy.weightPerMinute = 1_000_000
        policy.weightReserve = 1000
        return policy
    }
}

/// The way from the lane to the venue; what leaves is looked at first.
private final class WorldWire: WireSink {
    weak var lane: Lane?
    private let venue: OpaquePointer
    private let time: ManualTime
    private let watch: WorldWatch

    init(venue: OpaquePointer, time: ManualTime, watch: WorldWatch) {
        self.venue = venue
        self.time = time
        self.watch = watch
    }

    func send(stream: UInt32, bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), let lane else {
            return false
        }
        let length = UInt32(bytes.count)
        let clock = lane.clock
        guard world_send(venue, stream, base, length, clock.monotonic, clock.wall) else {
            return false
        }
        watch.sent(world_peek(base, length), lane)
        return true
    }
}
