// VenueWatch.swift — looks after what changes beside the market: where the venue's names point to,
// its clock, its rules, its certificates, and whether it is down for maintenance.
//
// A thread of its own, `nt-venue`: all of it may block. What it finds reaches the lane as addresses
// and holds, people as log lines, alarms and conditions of `needletail status`.
import Core
import Foundation
import Synchronization
import VenueKit

/// How often it looks, and what it puts up with.
public struct WatchSettings: Sendable, Equatable {
    public var namesSeconds: Int64 = 60
    public var clockSeconds: Int64 = 60
    public var rulesSeconds: Int64 = 3_600
    public var clockReduceMilliseconds: Int64 = 250
    public var clockHaltMilliseconds: Int64 = 1_000

    public init() {}

    var clockLimits: ClockGuard.Limits {
        ClockGuard.Limits(
            reduce: clockReduceMilliseconds * 1_000_000, halt: clockHaltMilliseconds * 1_000_000)
    }
}

/// What the watch says, and to whom; all of it returns at once. Any thread.
protocol VenueWatchOutput: AnyObject, Sendable {
    func tell(_ notice: LaneNotice)
    func note(_ level: EventLine.Level, _ subject: String, _ text: String)
    func post(addresses: [String], of slot: Int) throws(CoreError)
    func hold(
        _ instrument: InstrumentID, _ cause: HoldCause, _ state: TradingState, reason: String
    ) throws(CoreError)
    var connections: [ConnectionState] { get }
}

final class VenueWatch: @unchecked Sendable {
    /// What others saw; taken by the thread.
    private struct Mail {
        var streams: [(slot: Int, isOpen: Bool, reason: String)] = []
        var clockWasRefused = false
        var ruleWasBroken = false
    }

    /// Monotonic times at which each task is due.
    struct Due {
        var names: Int64
        var clock: Int64
        var rules: Int64
        var probe = Int64.max
        var connections: Int64
    }

    static let second: Int64 = 1_000_000_000
    /// Between two looks at the same thing while it is not as it should be.
    static let soon = 2 * second
    /// While an instrument is closed.
    static let reopening = 15 * second
    private static let turn = 0.02

    let access: any VenueAccess
    let streams: [StreamConfiguration]
    let instruments: [Instrument]
    let settings: WatchSettings
    let clock: Clock
    let output: any VenueWatchOutput
    var clockGuard: ClockGuard
    var rulesGuard: RulesGuard
    var maintenance = MaintenanceGuard()
    var due: Due
    /// Lists that the lane had no room for yet, by slot.
    var unposted: [Int: [String]] = [:]
    /// Holds that the lane had no room for yet, oldest first.
    var unsent: [(InstrumentID, HoldCause, TradingState, String)] = []
    var refreshed: [String: Int64] = [:]
    var clockWasRefused = false
    /// Monotonic times of the last tries: a flood of refusals asks once.
    var clockRead: Int64
    var rulesRead: Int64
    var toldCertificates: Set<String> = []
    private let mail = Mutex(Mail())
    private let shown = Mutex<[String: ConditionDocument]>([:])
    private let seen = Mutex<[ConnectionState]>([])
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        _ access: any VenueAccess, _ found: VenueFindings, streams: [StreamConfiguration],
        settings: WatchSettings, clock: Clock, output: any VenueWatchOutput
    ) {
        self.access = access
        self.streams = streams
        self.settings = settings
        self.clock = clock
        self.output = output
        instruments = found.rules.map(\.instrument)
        let now = clock.monotonic
        clockGuard = ClockGuard(
            settings.clockLimits, found.clock, wall: clock.wall, monotonic: now)
        rulesGuard = RulesGuard(found.rules)
        (clockRead, rulesRead) = (now, now)
        due = Due(
            names: now + settings.namesSeconds * Self.second,
            clock: now + settings.clockSeconds * Self.second,
            rules: now + settings.rulesSeconds * Self.second, connections: now)
    }

    /// What is not as it should be, for `needletail status`; any thread.
    var conditions: [ConditionDocument] {
        shown.withLock { $0.values.sorted { ($0.name, $0.text) < ($1.name, $1.text) } }
    }

    /// The lane's connections by slot, at most a second old; any thread.
    var connections: [ConnectionState] { seen.withLock { $0 } }

    /// One notice of the lane; the services thread.
    func hear(_ notice: LaneNotice) {
        switch notice.content {
        case .stream(let slot, let isOpen, let reason):
            // Nothing has happened yet while it connects.
            guard isOpen || !reason.isEmpty else { return }
            mail.withLock { $0.streams.append((Int(slot), isOpen, reason)) }
        case .order(let order, _, _) where order.code != 0: hear(code: Int(order.code))
        case .alarm where notice.venueCode != 0: hear(code: Int(notice.venueCode))
        default: break
        }
    }

    private func hear(code: Int) {
        switch access.kind(ofCode: code) {
        case .clock: mail.withLock { $0.clockWasRefused = true }
        case .filtered, .marketClosed: mail.withLock { $0.ruleWasBroken = true }
        default: break
        }
    }

    func start() {
        let thread = Thread { [self] in
            begin()
            while !isStopping.load(ordering: .relaxed) {
                look()
                Thread.sleep(forTimeInterval: Self.turn)
            }
            ended.signal()
        }
        thread.name = "nt-venue"
        thread.start()
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
    }

    /// What was found before the lane ran. The watch's thread.
    func begin() {
        for slot in streams.indices where !streams[slot].host.isEmpty { postAddresses(of: slot) }
        rulesGuard.first().forEach { apply($0) }
    }

    /// One turn. The watch's thread.
    func look() {
        let mail = mail.withLock { mail in
            defer { mail = Mail() }
            return mail
        }
        mail.streams.forEach { hear(stream: $0.slot, isOpen: $0.isOpen, reason: $0.reason) }
        let now = clock.monotonic
        if mail.clockWasRefused {
            clockWasRefused = true
            due.clock = min(due.clock, max(now, clockRead + Self.soon))
        }
        if mail.ruleWasBroken { due.rules = min(due.rules, max(now, rulesRead + Self.reopening)) }
        retry()
        lookAtOwnClock()
        if now >= due.names { refreshNames(now) }
        takeNames()
        if now >= due.clock { readClock() }
        if now >= due.probe { probe() }
        if now >= due.rules { readRules() }
        if now >= due.connections || !mail.streams.isEmpty { lookAtConnections(now) }
    }

    /// Shows a condition under a key, or with nil that it is over.
    func show(_ key: String, _ condition: ConditionDocument?) {
        shown.withLock { $0[key] = condition }
    }

    private func lookAtConnections(_ now: Int64) {
        due.connections = now + Self.second
        let connections = output.connections
        seen.withLock { $0 = connections }
        lookAtCertificates(connections)
    }

    /// What the lane had no room for.
    private func retry() {
        for (slot, addresses) in unposted { post(addresses, slot) }
        let holds = unsent
        unsent = []
        for (instrument, cause, state, reason) in holds { hold(instrument, cause, state, reason) }
    }

    func post(_ addresses: [String], _ slot: Int) {
        do throws(CoreError) {
            try output.post(addresses: addresses, of: slot)
            unposted[slot] = nil
        } catch {
            unposted[slot] = addresses
        }
    }

    func hold(
        _ instrument: InstrumentID, _ cause: HoldCause, _ state: TradingState, _ reason: String
    ) {
        // In order: a later word about the same must not be overtaken.
        guard unsent.isEmpty else {
            unsent.append((instrument, cause, state, reason))
            return
        }
        do throws(CoreError) {
            try output.hold(instrument, cause, state, reason: reason)
        } catch {
            unsent.append((instrument, cause, state, reason))
        }
    }

    func alarm(_ text: String, of instrument: InstrumentID = .none) {
        output.tell(LaneNotice(alarm: text, of: instrument, at: clock.wall))
    }
}

/// What the start found out about the venue.
struct VenueFindings: Sendable {
    var rules: [InstrumentRules]
    var clock: ClockReading
}
