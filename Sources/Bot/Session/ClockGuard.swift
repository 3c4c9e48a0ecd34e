// ClockGuard.swift — how well the venue's clock is known, and what that allows.
//
// The offset itself is no danger: signatures carry the venue's time, so a machine that is minutes
// off trades as well as any. What is dangerous is not knowing it: a clock that jumped since it was
// read, a reading with a slow way there and back, or none for long. So the measure is
// uncertainty = how far the new reading is from what was in use + its error bound, and between
// readings the last error bound growing by 500 ppm, more than quartz drifts. A jump is believed at
// once, and new risk waits until a second reading agrees with it.
import Core
import VenueKit

/// Plain value; all times are nanoseconds.
struct ClockGuard: Sendable {
    struct Limits: Sendable, Equatable {
        /// More uncertainty than this: only exits. The order's own time limit at the venue is a
        /// second; a quarter of it leaves room for the way.
        var reduce: Int64 = 250_000_000
        /// More than this: signatures are refused, and nothing is sent any more.
        var halt: Int64 = 1_000_000_000
    }

    enum Event: Sendable, Equatable {
        /// Use this offset from now on.
        case correct(Int64)
        case jumped(milliseconds: Int64)
        /// Our own clock was set.
        case stepped(milliseconds: Int64)
        case trading(TradingState, reason: String)
        case measure
    }

    private static let driftPPM: Int64 = 500
    /// The kernel slews by at most 500 ppm; between two looks more is a step.
    private static let step: Int64 = 20_000_000

    private let limits: Limits
    private(set) var offset: Int64
    private(set) var error: Int64
    private var measured: Int64
    private var wallMinusMonotonic: Int64
    /// What the last reading, or a step of ours, moved the offset by and nothing has confirmed.
    private var unconfirmed: Int64 = 0
    private(set) var state = TradingState.active

    init(_ limits: Limits, _ reading: ClockReading, wall: Int64, monotonic: Int64) {
        self.limits = limits
        offset = reading.offset
        error = reading.error
        measured = monotonic
        wallMinusMonotonic = wall - monotonic
    }

    /// How far the true offset may be from the one in use.
    func uncertainty(_ monotonic: Int64) -> Int64 {
        unconfirmed + error + (monotonic - measured) / 1_000_000 * Self.driftPPM
    }

    mutating func read(_ reading: ClockReading, monotonic: Int64) -> [Event] {
        let moved = reading.offset - offset
        let isJump =
            moved.magnitude > UInt64(reading.error + uncertainty(monotonic))
            && moved.magnitude > UInt64(limits.reduce)
        unconfirmed = isJump ? Int64(moved.magnitude) : 0
        offset = reading.offset
        error = reading.error
        measured = monotonic
        var events: [Event] = [.correct(offset)]
        if isJump { events += [.jumped(milliseconds: moved / 1_000_000), .measure] }
        return events + judge(monotonic)
    }

    /// Nothing could be read.
    mutating func miss(monotonic: Int64) -> [Event] { judge(monotonic) }

    /// Looks whether our own wall clock was set since the last look.
    mutating func look(wall: Int64, monotonic: Int64) -> [Event] {
        let moved = wall - monotonic - wallMinusMonotonic
        wallMinusMonotonic += moved
        guard moved.magnitude > UInt64(Self.step) else { return judge(monotonic) }
        // The venue's clock stayed where it was, as far as anyone knows.
        offset -= moved
        unconfirmed = max(unconfirmed, Int64(moved.magnitude))
        return [.stepped(milliseconds: moved / 1_000_000), .correct(offset), .measure]
            + judge(monotonic)
    }

    private mutating func judge(_ monotonic: Int64) -> [Event] {
        let uncertainty = uncertainty(monotonic)
        let wanted: TradingState =
            uncertainty > limits.halt ? .halted : uncertainty > limits.reduce ? .reducing : .active
        guard wanted != state else { return [] }
        state = wanted
        let reason =
            wanted == .active
            ? "the venue's clock is known again"
            : "the venue's clock is known to \(uncertainty / 1_000_000) ms only"
        return [.trading(wanted, reason: reason)]
    }
}
