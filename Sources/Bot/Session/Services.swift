// Services.swift — the threads beside the lane: one drains its notices and answers, one fetches
// books and keeps the clock offset. They may block; the lane never waits for them.
import Core
import Foundation
import Synchronization

/// Answers to commands, by ticket.
final class Answers: Sendable {
    private let table = Mutex<[UInt64: [LaneAnswer]]>([:])

    func take(_ answer: LaneAnswer) {
        table.withLock { $0[answer.ticket, default: []].append(answer) }
    }

    /// Waits until `count` answers to `ticket` are there; returns what came in time.
    func wait(_ ticket: UInt64, count: Int, seconds: Double) -> [LaneAnswer] {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while true {
            let found = table.withLock { $0[ticket] ?? [] }
            if found.count >= count || Date() >= deadline {
                table.withLock { $0[ticket] = nil }
                return found
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}

/// Drains the outbox into the state.
final class NoticePump: @unchecked Sendable {
    private let lane: Lane
    private let state: BotState
    private let answers: Answers
    private let fetcher: BookFetcher
    private let clock: Clock
    private let log: @Sendable (String) -> Void
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        lane: Lane, state: BotState, answers: Answers, fetcher: BookFetcher, clock: Clock,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.lane = lane
        self.state = state
        self.answers = answers
        self.fetcher = fetcher
        self.clock = clock
        self.log = log
    }

    func start(_ duty: Duty) {
        let thread = Thread { [self] in
            var hasAnnounced = false
            while !isStopping.load(ordering: .relaxed) {
                drain()
                if !hasAnnounced { hasAnnounced = announce(duty) }
                Thread.sleep(forTimeInterval: 0.004)
            }
            drain()
            ended.signal()
        }
        thread.name = "nt-services"
        thread.start()
    }

    /// Ends after a last look.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
    }

    /// What the connections run on, once the lane's thread knows.
    private func announce(_ duty: Duty) -> Bool {
        let kind = duty.networkKind
        if kind.isEmpty { return false }
        let why = duty.networkRefusal
        state.desk?.note(
            clock.wall, why.isEmpty ? .info : .warn, "network",
            why.isEmpty ? kind : "\(kind), because io_uring is refused: \(why)")
        return true
    }

    private func drain() {
        while let notice = lane.nextNotice() {
            switch notice.content {
            case .snapshotWanted(let instrument): fetcher.want(.book, of: instrument)
            case .witnessWanted(let instrument): fetcher.want(.witness, of: instrument)
            default: break
            }
            if let text = state.take(notice) { log(text) }
        }
        while let answer = lane.nextAnswer() { answers.take(answer) }
    }
}

/// Fetches book snapshots and witnesses, one after the other in the order asked for, and measures
/// the clock offset once an hour.
final class BookFetcher: @unchecked Sendable {
    private static let offsetInterval: Int64 = 3_600_000_000_000
    private let access: any VenueAccess
    private let instruments: [Instrument]
    private let clock: Clock
    private let log: @Sendable (String) -> Void
    private let wanted = Mutex<[Wish]>([])
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        access: any VenueAccess, instruments: [Instrument], clock: Clock,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.access = access
        self.instruments = instruments
        self.clock = clock
        self.log = log
    }

    enum Depth {
        /// As deep as a book is kept.
        case book
        /// The best few levels.
        case witness
    }

    private struct Wish: Equatable {
        let depth: Depth
        let instrument: InstrumentID
    }

    /// Any thread. Asking twice for the same fetches it once.
    func want(_ depth: Depth, of instrument: InstrumentID) {
        let wish = Wish(depth: depth, instrument: instrument)
        wanted.withLock { wanted in
            guard !wanted.contains(wish) else { return }
            // A book that is missing comes before one that is doubted.
            let end = depth == .book ? wanted.firstIndex { $0.depth == .witness } : nil
            wanted.insert(wish, at: end ?? wanted.endIndex)
        }
    }

    func start(_ duty: Duty) {
        let thread = Thread { [self] in
            var nextOffset = clock.monotonic + Self.offsetInterval
            while !isStopping.load(ordering: .relaxed) {
                if let next = wanted.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                    fetch(next, duty)
                } else if clock.monotonic > nextOffset {
                    nextOffset = clock.monotonic + Self.offsetInterval
                    remeasure()
                } else {
                    Thread.sleep(forTimeInterval: 0.01)
                }
            }
            ended.signal()
        }
        thread.name = "nt-books"
        thread.start()
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
    }

    private func fetch(_ wish: Wish, _ duty: Duty) {
        let instrument = instruments[Int(wish.instrument.slot)]
        var body: [UInt8]?
        do {
            switch wish.depth {
            case .book: body = try access.depthBody(instrument)
            case .witness: body = try access.witnessBody(instrument)
            }
        } catch {
            log("the book of \(instrument.symbol) could not be fetched: \(error)")
        }
        do throws(CoreError) {
            switch wish.depth {
            case .book: try duty.post(snapshot: body, of: wish.instrument)
            case .witness: try duty.post(witness: body, of: wish.instrument)
            }
        } catch {
            log("the book of \(instrument.symbol) could not be handed over: \(error.text)")
        }
    }

    private func remeasure() {
        do {
            access.setClockOffset(try access.measureClockOffset())
        } catch {
            log("the venue's clock could not be read: \(error)")
        }
    }
}
