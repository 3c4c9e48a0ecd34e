// StoreService.swift — the thread that keeps the database in step with a running bot's journal.
//
// Trading never waits for it: it only reads what is on disk. When the database cannot be used it
// says so, tries again after growing pauses, and catches up from the journal.
import Dispatch
import Foundation
import Synchronization

/// Any thread may look; one owner starts and stops it, once.
public final class StoreService: Sendable {
    /// Seconds between two looks at the journal, and at most between two tries after a failure.
    public struct Pace: Sendable {
        public var interval = 1.0
        public var longest = 60.0

        public init() {}

        /// Doubles with every failure in a row.
        func pause(afterFailures count: Int) -> Double {
            min(longest, interval * Double(1 << min(count, 20)))
        }
    }

    /// What is not written in so many steps at the end is left to the next start.
    private static let lastSteps = 100
    /// Seconds that the journal's own thread has to sync its last records.
    private static let lastSync = 0.02

    private struct State {
        var problem: StoreError?
        var sequence: UInt64 = 0
        var failures = 0
        var isStopping = false
    }

    private let journal: String
    private let file: StoreFile
    private let pace: Pace
    private let log: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    public init(
        journal: String, file: StoreFile, pace: Pace = Pace(),
        log: @escaping @Sendable (String) -> Void
    ) {
        self.journal = journal
        self.file = file
        self.pace = pace
        self.log = log
    }

    /// Why the database is behind; nil while all is well. For `status`.
    public var problem: String? { state.withLock { $0.problem?.text } }
    /// Last record of the journal that the database holds.
    public var sequence: UInt64 { state.withLock { $0.sequence } }

    public func start() {
        let thread = Thread { [self] in
            work()
            ended.signal()
        }
        thread.name = "nt-store"
        thread.start()
    }

    /// Ends after a last look. Call it when the journal takes no more records.
    public func stop() {
        state.withLock { $0.isStopping = true }
        wake.signal()
        ended.wait()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func work() {
        let follower = StoreFollower(journal: journal, file: file)
        while !isStopping {
            if look(follower) { continue }
            let failures = state.withLock { $0.failures }
            _ = wake.wait(timeout: .now() + pace.pause(afterFailures: failures))
        }
        Thread.sleep(forTimeInterval: Self.lastSync)
        for _ in 0..<Self.lastSteps where !look(follower) { break }
    }

    /// True: there may be more right now.
    private func look(_ follower: StoreFollower) -> Bool {
        do throws(StoreError) {
            let more = try follower.step()
            note(nil, follower)
            return more
        } catch {
            note(error, follower)
            return false
        }
    }

    /// Speaks once about each problem, and once when it is over.
    private func note(_ problem: StoreError?, _ follower: StoreFollower) {
        let before = state.withLock { state in
            defer {
                state.problem = problem
                state.sequence = follower.sequence
                state.failures = problem == nil ? 0 : state.failures + 1
            }
            return state.problem
        }
        guard before != problem else { return }
        if let problem {
            log("the store is behind, trading goes on: \(problem.text)")
        } else {
            log("the store works again")
        }
    }
}
