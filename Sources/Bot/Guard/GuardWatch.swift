// GuardWatch.swift — what the guard makes of the bot's pulse. It decides; the caller acts.
//
// Silence is counted in the guard's own turns, each at most so long: a machine that stood still,
// guard and bot alike, or a clock that jumped, is no bot that hangs.
import Core

struct GuardWatch {
    enum Event: Equatable {
        /// A bot is at work.
        case watching(run: UInt32)
        /// It was struck and turns again.
        case recovered(run: UInt32)
        /// On purpose, with nothing left to do.
        case ended(run: UInt32)
        case strike(GuardIncident.Cause, Pulse.View)
    }

    private let limit: Int64
    private let longestTurn: Int64
    private var last: Pulse.View?
    private var looked: Int64?
    /// Nanoseconds without a turn of the lane, as far as the guard was awake.
    private(set) var silence: Int64 = 0
    private var struck: UInt32?
    private var watched: UInt32?
    private var ended: UInt32?

    /// Nanoseconds. `turn`: between two looks.
    init(limit: Int64, turn: Int64) {
        self.limit = limit
        longestTurn = 2 * turn
    }

    mutating func look(_ view: Pulse.View, now: Int64) -> Event? {
        let before = last
        let passed = looked.map { max(0, min(now - $0, longestTurn)) } ?? 0
        (last, looked) = (view, now)
        switch view.state {
        case .none, .settled: return nil
        case .starting: return view.isAlive ? nil : strike(.died, view)
        case .ended:
            defer { ended = view.run }
            return ended == view.run ? nil : .ended(run: view.run)
        case .failed: return strike(.failed, view)
        case .up: break
        }
        guard view.isAlive else { return strike(.died, view) }
        guard before?.run != view.run || before?.turns != view.turns else {
            silence += passed
            return silence >= limit ? strike(.hung, view) : nil
        }
        silence = 0
        return turned(view)
    }

    private mutating func turned(_ view: Pulse.View) -> Event? {
        if struck == view.run {
            struck = nil
            return .recovered(run: view.run)
        }
        defer { watched = view.run }
        return watched == view.run ? nil : .watching(run: view.run)
    }

    /// Once a run, unless it recovered.
    private mutating func strike(_ cause: GuardIncident.Cause, _ view: Pulse.View) -> Event? {
        guard struck != view.run else { return nil }
        struck = view.run
        return .strike(cause, view)
    }
}
