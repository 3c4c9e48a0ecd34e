// FaultProxy.swift — the loop: waits for sockets and time, moves bytes, makes faults happen.
import Core
import Glibc

/// One thread calls everything.
final class FaultProxy {
    /// Nanoseconds; a signal to stop is seen so soon.
    static let longestWait: Int64 = 50_000_000
    private static let mostConnections = 1_024

    /// Receives a line for each fault that was made.
    private let tell: (String) -> Void
    private let clock: Clock
    private let began: Int64
    private var routes: [Route] = []
    private var connections: [Connection] = []
    private var schedule = Schedule()
    private var random: Random
    private var fired: [String: Int] = [:]
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 64 * 1024, alignment: 16)

    /// Listens when it returns.
    init(
        _ settings: [RouteSettings], seed: UInt64, clock: Clock,
        tell: @escaping (String) -> Void
    ) throws(FaultProxyError) {
        self.tell = tell
        self.clock = clock
        began = clock.monotonic
        random = Random(seed: seed)
        for route in settings { routes.append(try Route(route)) }
    }

    deinit { buffer.deallocate() }

    var ports: [String: UInt16] {
        Dictionary(routes.map { ($0.settings.name, $0.port) }) { first, _ in first }
    }

    var counters: FaultCounters {
        var counters = FaultCounters(routes: [:], faults: fired)
        for route in routes {
            let name = route.settings.name
            let living = connections.filter { $0.route == name }
            counters.routes[name] = FaultCounters.Route(
                connections: route.accepted, open: living.count,
                up: living.reduce(route.up) { $0 + $1.forwardedUp },
                down: living.reduce(route.down) { $0 + $1.forwardedDown },
                lost: living.reduce(route.lost) { $0 + $1.lost })
        }
        return counters
    }

    // MARK: Faults

    /// Times and intervals count from now on.
    func add(_ rules: [FaultRule]) {
        let now = clock.monotonic
        rules.forEach { schedule.add($0, now: now) }
    }

    /// Makes it happen whatever its trigger says; returns how many connections it met.
    @discardableResult
    func fire(_ rule: FaultRule) throws(FaultProxyError) -> Int {
        let now = clock.monotonic
        let until = rule.duration.map { now + $0 * 1_000_000 } ?? .max
        for route in routes where includes(rule.target, route.settings.name) {
            guard rule.fault.lasts, rule.duration != nil, rule.target.connection == nil else {
                continue
            }
            if rule.fault == .refuse {
                guard isDrawn(rule.perMille) else { continue }
                note(rule.fault, route.settings.name)
            }
            route.add(Route.Window(fault: rule.fault, until: until, perMille: rule.perMille))
        }
        guard !rule.fault.isOnNew else { return 0 }
        let met = connections.filter { connection in
            !connection.isClosed && includes(rule.target, connection.route)
                && rule.target.connection.map { $0 == connection.number } != false
                && isDrawn(rule.perMille)
        }
        for connection in met {
            note(rule.fault, "\(connection.route)#\(connection.number)")
            connection.apply(rule.fault, until: until, now: now)
        }
        return met.count
    }

    /// Ends all that lasts and forgets what was to come; what was half-open is reset.
    func heal() throws(FaultProxyError) {
        schedule = Schedule()
        let now = clock.monotonic
        for route in routes { try route.expire(now: now, everything: true) }
        connections.forEach { $0.expire(now: now, everything: true) }
    }

    private func includes(_ target: Target, _ route: String) -> Bool {
        target.route.map { $0 == route } ?? true
    }

    private func isDrawn(_ perMille: UInt64) -> Bool {
        perMille == 1_000 || random.below(1_000) < perMille
    }

    private func note(_ fault: Fault, _ place: String) {
        fired[fault.word, default: 0] += 1
        let milliseconds = (clock.monotonic - began) / 1_000_000
        tell("\(TimeText.text(milliseconds)) \(place) \(fault)")
    }

    // MARK: Loop

    /// One turn: waits until something happens, for at most so many nanoseconds. `also`: one more
    /// descriptor that ends the wait when it can be read; the result says so.
    @discardableResult
    func turn(
        also descriptor: Int32? = nil, atMost wait: Int64 = longestWait
    ) throws(FaultProxyError) -> Bool {
        try makeTime(clock.monotonic)
        var waiting = Waiting(descriptor)
        let now = clock.monotonic
        for route in routes { waiting.add(route) }
        for connection in connections { waiting.add(connection, now) }
        waiting.wait(max(0, min(wait, nextTime(now) - now)))
        let woken = clock.monotonic
        for (item, events) in waiting.ready {
            switch item {
            case .route(let route): accept(route)
            case .connection(let connection, let end):
                connection.ready(end, events, into: buffer, now: woken)
            case .also: break
            }
        }
        bury(woken)
        return waiting.isAlsoReady
    }

    private func makeTime(_ now: Int64) throws(FaultProxyError) {
        for route in routes { try route.expire(now: now) }
        connections.forEach { $0.expire(now: now) }
        for rule in schedule.due(now) { try fire(rule) }
        bury(now)
    }

    private func nextTime(_ now: Int64) -> Int64 {
        var next = schedule.nextTime ?? .max
        for route in routes { next = min(next, route.windows.map(\.until).min() ?? .max) }
        for connection in connections { next = min(next, connection.nextTime(now) ?? .max) }
        return next
    }

    private func bury(_ now: Int64) {
        connections.forEach { $0.settle(now: now) }
        for closed in connections where closed.isClosed {
            routes.first { $0.settings.name == closed.route }?.add(ended: closed)
        }
        connections.removeAll(where: \.isClosed)
    }

    private func accept(_ route: Route) {
        while connections.count < Self.mostConnections, let client = route.listener?.accepted() {
            let name = route.settings.name
            let number = route.nextNumber()
            let now = clock.monotonic
            let faults = faultsOfNew(route, number, now)
            let isForwarded = !faults.contains { $0.fault == .stallAccept }
            let isDoubled = isForwarded && faults.contains { $0.fault == .duplicate }
            let target = isForwarded ? try? Socket.connecting(to: route.settings.target) : nil
            guard target != nil || !isForwarded else {
                client.resetOnClose()
                continue
            }
            let connection = Connection(
                route: name, number: number, client: client, target: target,
                shadow: isDoubled ? try? Socket.connecting(to: route.settings.target) : nil)
            connections.append(connection)
            for (fault, until) in faults {
                note(fault, "\(name)#\(number)")
                connection.apply(fault, until: until, now: now)
            }
        }
    }

    /// From lines about connections, and from what lasts on the route.
    private func faultsOfNew(
        _ route: Route, _ number: Int, _ now: Int64
    ) -> [(fault: Fault, until: Int64)] {
        let lasting = route.windows.filter { $0.fault != .refuse && isDrawn($0.perMille) }
            .map { ($0.fault, $0.until) }
        let own = schedule.rules(forConnection: number, on: route.settings.name)
            .filter { isDrawn($0.perMille) }
            .map { rule in (rule.fault, rule.duration.map { now + $0 * 1_000_000 } ?? .max) }
        return lasting + own
    }
}

/// What was counted, as the last line shows it.
struct FaultCounters: Codable, Equatable {
    struct Route: Codable, Equatable {
        let connections: Int
        let open: Int
        /// Bytes forwarded, and swallowed in either direction.
        let up: Int64
        let down: Int64
        let lost: Int64
    }

    var routes: [String: Route]
    /// Faults that were made, by their word; each connection that one met counts.
    var faults: [String: Int]
}

/// The descriptors of one wait.
private struct Waiting {
    enum Item {
        case route(Route)
        case connection(Connection, Connection.End)
        case also
    }

    private var items: [Item] = []
    private var entries: [pollfd] = []

    init(_ also: Int32?) { if let also { add(.also, also, Int16(POLLIN)) } }

    private mutating func add(_ item: Item, _ descriptor: Int32, _ events: Int16) {
        items.append(item)
        entries.append(pollfd(fd: descriptor, events: events, revents: 0))
    }

    mutating func add(_ route: Route) {
        if let listener = route.listener { add(.route(route), listener.descriptor, Int16(POLLIN)) }
    }

    /// An end without interest is left out: its hang-up would end every wait at once.
    mutating func add(_ connection: Connection, _ now: Int64) {
        for end in Connection.End.allCases {
            let events = connection.interest(end, now: now)
            if events != 0, let socket = connection.socket(end) {
                add(.connection(connection, end), socket.descriptor, events)
            }
        }
    }

    mutating func wait(_ nanoseconds: Int64) {
        // Up to the next millisecond, so that the wait does not end before its time.
        poll(&entries, nfds_t(entries.count), Int32((nanoseconds + 999_999) / 1_000_000))
    }

    var ready: [(Item, Int16)] {
        zip(items, entries).filter { $0.1.revents != 0 }.map { ($0.0, $0.1.revents) }
    }

    var isAlsoReady: Bool {
        zip(items, entries).contains { item, entry in
            if case .also = item { return entry.revents != 0 }
            return false
        }
    }
}
