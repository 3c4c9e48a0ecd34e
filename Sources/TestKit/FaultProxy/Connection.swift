// Connection.swift — a client's connection and the one to the target that belongs to it.
//
// It holds the faults that are in force and shapes its two pipes by them. Its end is either
// passed on (FIN for FIN, RST for RST) or made by a fault.
import Glibc

final class Connection {
    enum End: CaseIterable { case client, target, shadow }

    private enum Phase: Equatable {
        case open
        /// Both ways are over; what still comes is read and dropped, for a RST would take back
        /// what was delivered.
        case lingering(until: Int64)
        case closed
    }

    private struct Effect {
        let fault: Fault
        /// Nanoseconds; `.max`: until the connection ends.
        let until: Int64
    }

    private static let longestLinger: Int64 = 1_000_000_000

    let route: String
    /// On its route, from 1.
    let number: Int
    private let client: Socket
    /// Nil where the proxy accepts and never forwards.
    private let target: Socket?
    private var shadow: Shadow?
    private var up = Pipe()
    private var down = Pipe()
    private var upCut = Cut()
    private var downCut = Cut()
    private var effects: [Effect] = []
    private var phase = Phase.open
    /// Ends that will send nothing more.
    private var ended: Set<End> = []
    private(set) var swallowed: Int64 = 0

    init(route: String, number: Int, client: Socket, target: Socket?, shadow: Socket?) {
        self.route = route
        self.number = number
        self.client = client
        self.target = target
        self.shadow = shadow.map { Shadow(socket: $0) }
    }

    var isClosed: Bool { phase == .closed }
    var forwardedUp: Int64 { up.forwarded }
    var forwardedDown: Int64 { down.forwarded }
    var lost: Int64 { swallowed + up.lost + down.lost }

    // MARK: Faults

    /// `until`: nanoseconds; of faults that last.
    func apply(_ fault: Fault, until: Int64, now: Int64) {
        guard phase == .open else { return }
        switch fault {
        case .delay, .lose, .stall, .drip, .halfOpen:
            effects.append(Effect(fault: fault, until: until))
            shape()
        case .cut(let way, let count):
            if way.covers(.up) { upCut.left = count }
            if way.covers(.down) { downCut.left = count }
            if count == 0 { finish(now) }
        case .cutMidRecord(let way):
            if way.covers(.up) { upCut.isMidRecord = true }
            if way.covers(.down) { downCut.isMidRecord = true }
        case .hangUp: finish(now)
        case .reset: reset()
        case .refuse, .stallAccept, .duplicate: break  // Decided before the connection is made.
        }
    }

    /// Ends what has had its time; `everything`: all of it, now.
    func expire(now: Int64, everything: Bool = false) {
        let over = effects.filter { everything || $0.until <= now }
        if everything {
            upCut = Cut(tracker: upCut.tracker)
            downCut = Cut(tracker: downCut.tracker)
        }
        guard !over.isEmpty else { return }
        if over.contains(where: { $0.fault == .halfOpen }) { return reset() }
        effects.removeAll { everything || $0.until <= now }
        shape()
    }

    private var isHalfOpen: Bool { effects.contains { $0.fault == .halfOpen } }

    private func shape() {
        up.shape = shape(of: .up)
        down.shape = shape(of: .down)
    }

    private func shape(of way: Direction) -> Shape {
        effects.reduce(into: Shape()) { shape, effect in
            switch effect.fault {
            case .delay(let ways, let time) where ways.covers(way):
                shape.delay = max(shape.delay, time * 1_000_000)
            case .lose(let ways) where ways.covers(way): shape.isLost = true
            case .stall(let ways) where ways.covers(way): shape.isStalled = true
            case .drip(let ways, let rate) where ways.covers(way):
                shape.rate = min(shape.rate ?? rate, rate)
            default: break
            }
        }
    }

    // MARK: Waiting

    func socket(_ end: End) -> Socket? {
        switch end {
        case .client: client
        case .target: target
        case .shadow: shadow?.socket
        }
    }

    /// Events of poll(2) that this end waits for; 0: none, leave it out.
    func interest(_ end: End, now: Int64) -> Int16 {
        guard phase == .open else { return ended.contains(end) ? 0 : Int16(POLLIN) }
        switch end {
        case .client: return events(reads: wantsInput(.client), writes: writes(down, now))
        case .target: return events(reads: wantsInput(.target), writes: writes(up, now))
        case .shadow: return events(reads: true, writes: shadow?.hasOutput == true)
        }
    }

    private func events(reads: Bool, writes: Bool) -> Int16 {
        Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0)
    }

    private func wantsInput(_ end: End) -> Bool {
        guard !ended.contains(end) else { return false }
        if isHalfOpen || target == nil { return true }
        return end == .client ? up.wantsInput : down.wantsInput
    }

    private func writes(_ pipe: Pipe, _ now: Int64) -> Bool {
        guard !isHalfOpen, let due = pipe.nextOutput(now) else { return false }
        return due <= now
    }

    /// The next moment at which something changes by itself.
    func nextTime(_ now: Int64) -> Int64? {
        if case .lingering(let until) = phase { return until }
        var times = effects.map(\.until)
        if !isHalfOpen {
            // What is already due waits for the socket, not for time.
            times += [up, down].compactMap { $0.nextOutput(now) }.filter { $0 > now }
        }
        return times.min()
    }

    // MARK: Bytes

    func ready(_ end: End, _ events: Int16, into buffer: UnsafeMutableRawBufferPointer, now: Int64)
    {
        guard phase == .open else { return drain(end, buffer) }
        if end == .shadow {
            if shadow?.turn(buffer) == false { shadow = nil }
            return
        }
        if events & Int16(POLLOUT) != 0 { write(to: end, now: now) }
        let readable = Int16(POLLIN | POLLERR | POLLHUP)
        if phase == .open, events & readable != 0, wantsInput(end) { read(end, buffer, now) }
    }

    /// Closes when both ways are over. After each turn.
    func settle(now: Int64) {
        switch phase {
        case .open where up.isOutputOver && down.isOutputOver:
            phase = .lingering(until: now + Self.longestLinger)
            settle(now: now)
        case .lingering(let until):
            if until <= now || ended.isSuperset(of: [.client, .target]) { phase = .closed }
        case .open, .closed: break
        }
    }

    private func read(_ end: End, _ buffer: UnsafeMutableRawBufferPointer, _ now: Int64) {
        guard let result = socket(end)?.read(into: buffer) else { return }
        switch result {
        case .bytes(let count):
            if isHalfOpen || target == nil {
                swallowed += Int64(count)
            } else {
                take(Array(buffer.prefix(count))[...], from: end, now)
            }
        case .end, .broken:
            ended.insert(end)
            if target == nil { return reset() }
            guard !isHalfOpen else { return }
            let isReset = result == .broken
            if end == .client {
                isReset ? up.takeReset(now: now) : up.takeEnd(now: now)
            } else {
                isReset ? down.takeReset(now: now) : down.takeEnd(now: now)
            }
        case .wouldBlock: break
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>, from end: End, _ now: Int64) {
        let before = end == .client ? upCut.follow(bytes) : downCut.follow(bytes)
        let kept = bytes.prefix(before ?? bytes.count)
        if end == .client {
            up.take(kept, now: now)
            if shadow?.take(kept) == false { shadow = nil }
        } else {
            down.take(kept, now: now)
        }
        if before != nil { finish(now) }
    }

    private func write(to end: End, now: Int64) {
        guard let sink = socket(end) else { return }
        let outcome =
            end == .client ? down.write(to: sink, now: now) : up.write(to: sink, now: now)
        if outcome == .broke { reset() }
    }

    private func drain(_ end: End, _ buffer: UnsafeMutableRawBufferPointer) {
        switch socket(end)?.read(into: buffer) {
        case .end, .broken: ended.insert(end)
        case .bytes, .wouldBlock, nil: break
        }
    }

    // MARK: Ends

    private func finish(_ now: Int64) {
        up.takeEnd(now: now)
        down.takeEnd(now: now)
        // Nobody to flush to.
        if target == nil { reset() }
    }

    private func reset() {
        client.resetOnClose()
        target?.resetOnClose()
        phase = .closed
    }
}

/// Where a way is to be cut off, if it is.
private struct Cut {
    var tracker = RecordTracker()
    /// So many bytes more.
    var left: Int64?
    var isMidRecord = false

    /// How many of these bytes come before the cut; nil: all, and it lies further on.
    mutating func follow(_ bytes: ArraySlice<UInt8>) -> Int? {
        let middle = tracker.follow(bytes, isCutting: isMidRecord)
        let counted = left.flatMap { $0 <= bytes.count ? Int($0) : nil }
        left = left.map { $0 - Int64(bytes.count) }
        return [middle, counted].compactMap { $0 }.min()
    }
}

/// The second connection of a duplicated one: it gets what the client says, and nobody hears it.
private struct Shadow {
    private static let capacity = 1 << 20

    let socket: Socket
    private var waiting: ArraySlice<UInt8> = []

    init(socket: Socket) { self.socket = socket }

    var hasOutput: Bool { !waiting.isEmpty }

    /// False: it is too slow, give it up.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> Bool {
        waiting += bytes
        return waiting.count <= Self.capacity
    }

    /// Reads and writes what it can. False: it has ended.
    mutating func turn(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        if !waiting.isEmpty {
            switch socket.write(waiting) {
            case .bytes(let count): waiting = waiting.dropFirst(count)
            case .broken, .end: return false
            case .wouldBlock: break
            }
        }
        switch socket.read(into: buffer) {
        case .end, .broken: return false
        case .bytes, .wouldBlock: return true
        }
    }
}
