// BotSession.swift — the composition root: from a configuration to a running, stoppable bot.
import Core
import EmaCross
import Execution
import Foundation
import Risk
import Store
import Strategy
import Synchronization
import VenueKit

/// What a start needs besides the configuration; all of it is handed in.
public struct BotEnvironment: Sendable {
    public var clock = Clock.system
    public var keys: VenueKeys?
    /// Account named by `--arm-live`.
    public var armed: String?
    /// One line for people, as things happen. Any thread.
    public var log: @Sendable (String) -> Void = { _ in }
    /// Serve the admin socket.
    public var servesAdmin = true
    /// Who is told at once, and where.
    public var notify = NotifyTargets()
    /// Looks up the venue's hosts.
    public var names = NameBook()
    /// Keep the database in step with the journal.
    public var keepsStore = true
    /// Of a guard that the bot starts itself; nil: it cannot.
    public var guardArguments: [String]?
    /// Makes another strategy than the configuration's, of lots by slot: for tests of the whole.
    public var strategy: (@Sendable ([Int64]) -> LaneHandler)?

    public init() {}
}

/// A running bot. `stop` ends it; the process' end without `stop` is a crash that the next start
/// recovers from.
public final class BotSession: @unchecked Sendable {
    public let configuration: Configuration
    public let instruments: [Instrument]
    public let directory: DataDirectory
    public let duty: Duty
    public let clock: Clock
    let streams: [StreamConfiguration]
    let state: BotState
    /// The venue's slow side; nil in paper trading without an account.
    let slowVenue: (any Venue)?
    let budget: SharedBudget
    let answers = Answers()
    let startedWall: Int64
    let startedMonotonic: Int64
    private let pump: NoticePump
    private let fetcher: BookFetcher
    let watch: VenueWatch
    let guardian: GuardLink
    private var admin: AdminServer?
    /// Nil: switched off.
    private let store: StoreService?
    /// What the end came to; nil before.
    private let outcome = Mutex<(clean: Bool, text: String)?>(nil)
    /// Fills that the journal already held.
    private let fillsBefore: UInt64

    public var lane: Lane { duty.lane }
    /// Since this start, all of them: of what the journal holds the lane counts the fills as well.
    public var counters: LaneCounters {
        var counters = lane.counters
        counters.fills -= fillsBefore
        return counters
    }
    /// Why the database is behind; nil while all is well or it is switched off.
    var storeProblem: String? { store?.problem }

    /// Everything up to the first event: directory, venue's rules, limits, journal, threads.
    public init(_ configuration: Configuration, _ environment: BotEnvironment) throws(BotError) {
        self.configuration = configuration
        clock = environment.clock
        startedWall = clock.wall
        startedMonotonic = clock.monotonic
        directory = DataDirectory(configuration.dataDirectory)
        try StartPermission.check(
            configuration, keys: environment.keys, armed: environment.armed)
        try directory.prepare()
        guardian = try GuardLink(
            configuration, directory, arguments: environment.guardArguments, clock: clock)
        let access = try BotSession.access(configuration, environment)
        slowVenue = access.slowVenue
        budget = access.budget
        if let problem = budget.problem { environment.log("request budget: \(problem)") }
        let parts = try LaneParts(
            configuration, environment, access, directory, pulse: guardian.pulse)
        instruments = parts.instruments
        streams = parts.duty.streams
        do throws(CoreError) {
            duty = try Duty(parts.duty, lane: parts.lane, handler: parts.handler)
        } catch {
            throw BotError.starting(error)
        }
        fillsBefore = duty.lane.counters.fills
        state = BotState(instruments: instruments)
        state.restore(duty.lane.orders, duty.lane.positions)
        fetcher = BookFetcher(access: access, instruments: instruments) { [state, clock] text in
            environment.log(text)
            state.desk?.note(clock.wall, "book", text)
        }
        store =
            environment.keepsStore
            ? StoreService(
                journal: directory.journal, file: StoreFile(dataDirectory: directory.root),
                log: environment.log) : nil
        pump = NoticePump(
            lane: duty.lane, state: state, answers: answers, fetcher: fetcher, clock: clock,
            log: environment.log)
        let output = SessionOutput(
            duty: duty, state: state, pump: pump, clock: clock, count: parts.duty.streams.count,
            log: environment.log)
        watch = VenueWatch(
            access, parts.findings, streams: parts.duty.streams, settings: configuration.watch,
            clock: clock, output: output)
        pump.watch = watch
        do throws(BotError) {
            try begin(environment, output)
        } catch {
            // Nothing was sent: no guard need mind.
            guardian.end(clean: true)
            throw error
        }
    }

    /// The lane's thread uses the venue's codec: it ends first, whatever else is let go.
    deinit { duty.join(force: true) }

    private func begin(
        _ environment: BotEnvironment, _ output: SessionOutput
    ) throws(BotError) {
        try guardian.ready()
        let desk = try OperatingDesk(
            self, venue: slowVenue, notify: environment.notify,
            clean: { Redactor.live.redact($0) })
        state.open(desk)
        if environment.servesAdmin {
            do throws(AdminError) {
                let feed = WatchFeed(self)
                admin = try AdminServer(path: directory.socket, feed: feed) {
                    [unowned self] request in handle(request)
                }
            } catch {
                throw .setup("the admin socket cannot be opened: \(error)")
            }
        }
        do throws(CoreError) {
            try guardian.begin(duty)
            try duty.start()
        } catch {
            admin?.stop()
            throw .setup(error.text)
        }
        fetcher.start(duty)
        desk.start(at: startedWall)
        pump.start(duty)
        guardian.start(duty, output)
        watch.start()
        store?.start()
        admin?.start()
    }

    private static func access(
        _ configuration: Configuration, _ environment: BotEnvironment
    ) throws(BotError) -> any VenueAccess {
        // Paper has no account, whatever keys lie about: its journal never passes for a live one.
        let keys = configuration.mode == .live ? environment.keys : nil
        return try BinanceLink(
            configuration.venue, keys: keys, clock: environment.clock, names: environment.names)
    }

    /// Sends a command and waits for what comes of it.
    func command(
        _ command: LaneCommand, answers count: Int = 1, seconds: Double
    ) throws(CoreError) -> [LaneAnswer] {
        let ticket = try duty.send(command)
        return answers.wait(ticket, count: count, seconds: seconds)
    }

    /// Halts without waiting for the outcome; the flag holds even where the ring is full. Any
    /// thread.
    public func halt(reason: String) { _ = try? duty.send(.halt(.none, reason: reason)) }

    /// Ends the bot: no new risk, open orders cancelled (or kept), journal closed by its last
    /// record. Returns what is left to say; `clean` is false when orders stayed open against the
    /// will or the lane did not answer.
    /// Whoever calls again is told the same.
    public func stop(keepOrders: Bool) -> (clean: Bool, text: String) {
        outcome.withLock { outcome in
            let found = outcome ?? end(keepOrders: keepOrders)
            outcome = found
            return found
        }
    }

    private func end(keepOrders: Bool) -> (clean: Bool, text: String) {
        admin?.stop()
        admin = nil
        guardian.stop()
        watch.stop()
        var clean = false
        var text = "the lane did not answer; it was ended by force"
        if let answer = try? command(.stop(keepOrders: keepOrders), seconds: 8).first {
            clean = answer.problem == nil
            text = answer.text
            duty.join()
        } else {
            duty.join(force: true)
        }
        guardian.end(clean: clean)
        fetcher.stop()
        pump.stop()
        state.desk?.errands.wait(seconds: 5)
        state.desk?.stop()
        store?.stop()
        return (clean, text)
    }
}

extension Lane {
    /// Positions by slot; before the lane's thread runs or after it ended.
    var positions: [PositionSnapshot] {
        instruments.indices.map { position(InstrumentID(slot: UInt32($0))) }
    }
}

extension Configuration {
    /// Names of limits that are not set, as the file writes them.
    var unsetLimits: [String] {
        var unset: [String] = []
        let account: [(String, Bool)] = [
            ("max_gross_value", self.account.maxGrossValue == nil),
            ("max_open_value", self.account.maxOpenValue == nil),
            ("max_daily_loss", self.account.maxDailyLoss == nil),
            ("max_open_orders", self.account.maxOpenOrders == nil),
            ("max_orders_per_second", self.account.maxOrdersPerSecond == nil),
        ]
        unset += account.filter(\.1).map { "limits.account.\($0.0)" }
        for symbol in symbols {
            let policy = policy(symbol)
            let limits: [(String, Bool)] = [
                ("max_order", policy.maxOrder == nil), ("max_position", policy.maxPosition == nil),
                ("max_order_value", policy.maxOrderValue == nil),
            ]
            unset += limits.filter(\.1).map { "limits.\(symbol).\($0.0)" }
        }
        return unset
    }
}
