// Services.swift — the threads beside the lane: one drains its notices and answers, one fetches
// books. They may block; the lane never waits for them.
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
    /// Who else hears the lane; set before the start.
    var watch: VenueWatch?
    /// What services tell as if the lane had.
    private let told = Mutex<[LaneNotice]>([])
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

    /// An alarm of another service, to go the way of the lane's; any thread.
    func tell(_ notice: LaneNotice) { told.withLock { $0.append(notice) } }

    /// What the connections run on, once the lane's thread knows.
    private func announce(_ duty: Duty) -> Bool {
        let kind = duty.networkKind
        if kind.isEmpty { return false }
        let why = duty.networkRefusal
        state.desk?.note(
            clock.wall, "network",
            why.isEmpty ? kind : "\(kind), because io_uring is refused: \(why)",
            level: why.isEmpty ? .info : .warn)
        return true
    }

    private func drain() {
        while let notice = lane.nextNotice() {
            switch notice.content {
            case .snapshotWanted(let instrument): fetcher.want(.book, of: instrument)
            case .witnessWanted(let instrument): fetcher.want(.witness, of: instrument)
            default: break
            }
            watch?.hear(notice)
            if let text = state.take(notice) { log(text) }
        }
        let told = told.withLock { told in
            defer { told = [] }
            return told
        }
        for notice in told { if let text = state.take(notice) { log(text) } }
        while let answer = lane.nextAnswer() { answers.take(answer) }
    }
}

/// Fetches book snapshots and witnesses, one after the other in the order asked for.
final class BookFetcher: @unchecked Sendable {
    private let access: any VenueAccess
    private let instruments: [Instrument]
    private let log: @Sendable (String) -> Void
    private let wanted = Mutex<[Wish]>([])
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        access: any VenueAccess, instruments: [Instrument],
        log: @escaping @Sendable (String) -> Void
    ) {
        self.access = access
        self.instruments = instruments
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
            while !isStopping.load(ordering: .relaxed) {
                if let next = wanted.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                    fetch(next, duty)
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
}
