// World.swift — the seeded world: the real lane, accounts and journal in one thread, in virtual
// time, with a venue, a network, a disk, a clock and an operator that go wrong as the seed says.
//
// While faults last, only what must never happen is checked. Then they stop, and within a bounded
// time bot and venue must agree on everything. Equal seeds give equal lives, to the last byte.
import Core
import WorldVenue

public struct WorldOptions: Sendable {
    public var seed: UInt64
    /// Market events before the calm, at least.
    public var events = 2000
    public var faults = 24
    public var instruments = 2
    /// Told every step that matters, with its simulated time.
    public var trace: (@Sendable (String) -> Void)?

    public init(seed: UInt64) { self.seed = seed }
}

/// One life. One thread.
public final class World {
    static let beginning: Int64 = 1_000_000_000_000
    /// Simulated time in which everything must agree once the faults have stopped.
    static let patience: Int64 = 900_000_000_000

    private let options: WorldOptions
    private let venue: OpaquePointer
    private let time: ManualTime
    private let clock: Clock
    private let disk: MemoryDisk
    private let watch: WorldWatch
    private let instruments: [Instrument]
    /// A third of the lives wait for the disk before each order.
    private let durability: Durability
    private var random: Random
    private var bot: WorldBot?
    private var report = WorldReport()
    private var life = 0
    private var startsAt: Int64 = 0
    private var drainsFrom: Int64 = 0
    private var isCalm = false
    private var isDiskBad = false
    /// Orders in doubt that the operator will resolve.
    private var toResolve = 0
    private let buffer: UnsafeMutablePointer<UInt8>

    /// Lives the whole life that the options describe.
    public static func run(_ options: WorldOptions) throws -> WorldReport {
        try World(options).live()
    }

    private init(_ options: WorldOptions) throws {
        self.options = options
        guard let venue = world_venue_create(options.seed, UInt32(options.instruments)) else {
            throw CoreError(.noMemory, "creating the world's venue")
        }
        self.venue = venue
        time = ManualTime(monotonic: World.beginning, wall: 1_700_000_000_000_000_000)
        clock = Clock(manual: time)
        disk = try MemoryDisk()
        watch = WorldWatch(venue: venue, time: time)
        watch.trace = options.trace
        random = Random(seed: options.seed ^ 0x776f_726c_64)
        durability = options.seed % 3 == 0 ? .strict : .group
        if durability == .strict { disk.remember() }
        instruments = (0..<options.instruments).map { index in
            let letter = String(UnicodeScalar(UInt8(65 + index)))
            return Instrument(
                symbol: letter, base: letter, quote: "Q", priceDecimals: 2, quantityDecimals: 2)
        }
        buffer = .allocate(capacity: Int(WORLD_MAX_MESSAGE))
    }

    deinit {
        bot = nil
        world_venue_destroy(venue)
        buffer.deallocate()
    }

    // MARK: A life

    private func live() throws -> WorldReport {
        let script = WorldFault.script(&random, count: options.faults, events: options.events)
        var next = 0
        try start()
        while report.events < options.events {
            try step()
            while next < script.count, script[next].event <= report.events {
                try happen(script[next].fault)
                next += 1
            }
        }
        try calm()
        end()
        return report
    }

    private func start() throws {
        life += 1
        watch.note("the bot starts, life \(life)")
        bot = try WorldBot(
            venue: venue, time: time, disk: disk, seed: options.seed, life: life,
            instruments: instruments, durability: durability, watch: watch)
        if let bot, durability == .strict { watch.checkKnown(bot.lane) }
        bot?.trader.isActive = !isCalm
        world_dial(venue, clock.monotonic)
    }

    /// A disk that fails refuses the start; on a mended one it must come up.
    private func startAgain() throws {
        do {
            try start()
        } catch {
            guard isDiskBad else { throw error }
            watch.note("no start: \(error)")
            mend()
            startsAt = clock.monotonic + 1_000_000_000
        }
    }

    private func mend() {
        isDiskBad = false
        disk.heal()
    }

    /// SIGKILL: the ring's mapping stays as it is, and nothing more is written.
    private func kill(for pause: Int64) {
        guard bot != nil else { return }
        report.intents += bot?.trader.wishes ?? 0
        report.restarts += 1
        disk.fail()
        bot = nil
        mend()
        world_hang_up(venue, clock.monotonic)
        startsAt = clock.monotonic + pause
    }

    private func step() throws {
        time.advance(by: 500_000 + Int64(random.below(4_000_000)))
        if random.below(3) > 0 {
            world_market(venue, clock.monotonic, clock.wall)
            report.events += 1
        }
        deliver()
        guard let bot else {
            if clock.monotonic >= startsAt { try startAgain() }
            return
        }
        serve(bot)
        if clock.monotonic >= drainsFrom { try? bot.lane.drainJournal() }
        bot.lane.tick()
        serve(bot)
        watch.step(bot.lane)
        // A bot whose journal takes nothing ends; whoever watches it starts it again.
        if bot.lane.journalProblem != nil { kill(for: 1_000_000_000) }
    }

    private func deliver() {
        var stream: UInt32 = 0
        var length: UInt32 = 0
        while true {
            let news = world_next(
                venue, clock.monotonic, &stream, buffer, WORLD_MAX_MESSAGE, &length)
            switch news {
            case WORLD_MESSAGE: receive(stream, length)
            case WORLD_OPENED:
                watch.note("stream \(stream) is open")
                bot?.lane.streamOpened(stream)
            case WORLD_LOST:
                watch.note("stream \(stream) is lost")
                bot?.lane.streamLost(stream, reason: "the world cut it")
            default: return
            }
        }
    }

    private func receive(_ stream: UInt32, _ length: UInt32, _ instrument: InstrumentID = .none) {
        bot?.lane.receive(
            stream: stream, instrument: instrument,
            UnsafeRawBufferPointer(start: buffer, count: Int(length)), received: clock.monotonic)
        if let bot { watch.checkOffers(bot.lane) }
    }

    /// What the services do: accounts, snapshots, the operator's answers.
    private func serve(_ bot: WorldBot) {
        while bot.lane.nextAnswer() != nil {}
        while let notice = bot.lane.nextNotice() {
            switch notice.content {
            case .order(let order, let before, let fill):
                watch.changed(order, before: before)
                if let fill, !bot.book(fill) { watch.violated("a fill does not fit the accounts") }
            case .snapshotWanted(let instrument): fetch(bot, instrument)
            case .alarm(_, let text): watch.note("alarm: \(text)")
            case .trading(_, let state, let reason):
                watch.note("trading is \(state): \(reason)")
            default: break
            }
        }
        operate(bot)
    }

    private func fetch(_ bot: WorldBot, _ instrument: InstrumentID) {
        let length = world_snapshot(venue, instrument.slot, buffer, WORLD_MAX_MESSAGE)
        guard length > 0 else { return bot.lane.snapshotFailed(instrument) }
        receive(WORLD_SNAPSHOT_STREAM, length, instrument)
    }

    /// A person looks now and then and lets it trade again.
    private func operate(_ bot: WorldBot) {
        if toResolve > 0, let word = watch.word(bot.lane) {
            toResolve -= 1
            send(word)
        }
        guard random.below(400) == 0 else { return }
        _ = try? bot.lane.send(.resume(.none, reason: "the operator looked"))
        for slot in instruments.indices {
            _ = try? bot.lane.send(.resume(InstrumentID(slot: UInt32(slot)), reason: "looked"))
        }
    }

    // MARK: What goes wrong

    private func happen(_ fault: WorldFault) throws {
        watch.note("fault \(fault.name)")
        report.faults[fault.name, default: 0] += 1
        if let ofVenue = fault.ofVenue { return world_inject(venue, ofVenue, clock.monotonic) }
        switch fault {
        case .kill: kill(for: Int64(random.below(20_000)) * 1_000_000)
        case .powerFailure:
            kill(for: Int64(random.below(20_000)) * 1_000_000)
            if durability == .strict, bot == nil { disk.cutPower(seed: random.next()) }
        case .pause: time.advance(by: heavy(1_000_000, 60_000_000_000))
        case .wallStep: step(wallBy: (Int64(random.below(7200)) - 3600) * 1_000_000_000)
        case .diskFailure:
            isDiskBad = true
            disk.fill(after: random.below(3))
        case .slowDisk: drainsFrom = clock.monotonic + heavy(10_000_000, 10_000_000_000)
        case .operatorHalts: send(.halt(.none, reason: "the operator halts"))
        case .operatorReduces: send(.reduce(.none, reason: "the operator reduces"))
        case .operatorCancelsAll: send(.cancelAll(.none))
        case .operatorFlattens: send(.flatten(.none))
        case .operatorResolves: toResolve += 1
        default: break
        }
    }

    private func send(_ command: LaneCommand) { _ = try? bot?.lane.send(command) }

    private func step(wallBy nanoseconds: Int64) {
        time.set(monotonic: clock.monotonic, wall: clock.wall + nanoseconds)
    }

    /// Mostly near `low`.
    private func heavy(_ low: Int64, _ high: Int64) -> Int64 {
        let draw = random.below(1000)
        return low + (high - low) / 1000 * Int64(draw * draw / 1000 * draw / 1000)
    }

    // MARK: The calm

    private func calm() throws {
        watch.note("the faults stop")
        isCalm = true
        world_calm(venue, clock.monotonic)
        mend()
        drainsFrom = 0
        if bot?.lane.journalProblem != nil { kill(for: 0) }
        bot?.trader.isActive = false
        let deadline = clock.monotonic + World.patience
        while clock.monotonic < deadline {
            for _ in 0..<20 { try step() }
            time.advance(by: 20_000_000)
            if let bot, watch.difference(bot) == nil { return }
        }
        let found = bot.flatMap { watch.difference($0) } ?? "the bot does not start"
        watch.violated(
            "no agreement \(World.patience / 1_000_000_000) s after the faults: \(found)")
    }

    private func end() {
        watch.checkCreations()
        if let bot {
            for order in bot.lane.orders { watch.checkEnd(order) }
            watch.mix(bot.lane.stateHash)
            report.intents += bot.trader.wishes
        }
        watch.mix(world_hash(venue))
        report.hash = watch.hash
        report.orders = Int(world_order_count(venue))
        report.fills = Int(world_trades(venue))
        report.unknown = watch.unknown
        report.violations = watch.violations
        report.seconds = Double(clock.monotonic - World.beginning) / 1e9
    }
}
