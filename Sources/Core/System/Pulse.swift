// Pulse.swift — the Swift face of nt/pulse.h: bot and guard see each other live.
import CCore

/// One page of a file that bot and guard share. Held as one side at most; ends with this object.
public final class Pulse: @unchecked Sendable {
    public enum Side: UInt8, Sendable {
        case bot = 0
        case guardian = 1
    }

    /// What a side said last, whether it lives or not.
    public enum State: UInt8, Sendable {
        case none = 0
        /// Nothing was sent yet.
        case starting = 1
        /// At work; without a living process it died.
        case up = 2
        /// Ended on purpose, with nothing left to do.
        case ended = 3
        /// Ended, and said that orders may be left.
        case failed = 4
        /// Died or failed, and the guard has dealt with it.
        case settled = 5
    }

    public struct View: Sendable, Hashable {
        /// Its process lives.
        public var isAlive: Bool
        public var state: State
        public var pid: UInt32
        /// Counts the processes of this side.
        public var run: UInt32
        /// Rises while it works.
        public var turns: UInt64
        /// Monotonic time of its last turn, of this boot.
        public var stamp: Int64

        public init(
            isAlive: Bool, state: State, pid: UInt32 = 0, run: UInt32, turns: UInt64 = 0,
            stamp: Int64 = 0
        ) {
            self.isAlive = isAlive
            self.state = state
            self.pid = pid
            self.run = run
            self.turns = turns
            self.stamp = stamp
        }
    }

    let handle: OpaquePointer

    /// Made where it does not exist. Refuses a file that is none, or not this user's alone.
    public init(path: String) throws(CoreError) {
        var made: OpaquePointer?
        try check(nt_pulse_open(path, &made), "opening the pulse")
        guard let made else { throw CoreError(.noMemory, "opening the pulse") }
        handle = made
    }

    deinit { nt_pulse_close(handle) }

    /// Becomes that side; `.locked` when another process is.
    public func hold(_ side: Side) throws(CoreError) {
        try check(nt_pulse_hold(handle, side.rawValue))
    }

    /// From now on silence means that it hangs.
    public func begin(now: Int64) { nt_pulse_begin(handle, now) }
    public func beat(now: Int64) { nt_pulse_beat(handle, now) }
    /// `clean`: nothing is left to do.
    public func end(clean: Bool) { nt_pulse_end(handle, clean) }

    public func look(_ side: Side) -> View {
        let c = nt_pulse_look(handle, side.rawValue)
        return View(
            isAlive: c.alive, state: State(rawValue: c.state) ?? .none, pid: c.pid, run: c.run,
            turns: c.turns, stamp: c.stamp_ns)
    }

    /// The guard tells the bot that it strikes; its lane halts at its next turn.
    public func strike() { nt_pulse_strike(handle) }
    /// The guard has dealt with this run of the bot.
    public func settle(run: UInt32) { nt_pulse_settle(handle, run) }
    /// SIGKILL for the bot of this run, and for nobody else.
    public func kill(run: UInt32) throws(CoreError) {
        try check(nt_pulse_kill(handle, run), "ending the bot")
    }
}
