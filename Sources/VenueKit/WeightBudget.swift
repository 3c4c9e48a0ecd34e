// WeightBudget.swift — request weight per calendar minute, as venues count it.
//
// Counts what we sent and believes the venue when it states more. A ban or a rate limit blocks
// everything until its end. Time is handed in.

/// Milliseconds of wall time. Plain value; its owner locks.
public struct WeightBudget: Sendable {
    public enum Verdict: Sendable, Hashable {
        case allowed
        /// Not before this wall time.
        case wait(until: Int64)
    }

    private static let window: Int64 = 60_000

    public let limit: Int32
    public private(set) var used: Int32 = 0
    private var minute: Int64 = .min
    private var blockedUntil: Int64 = 0

    /// `limit` per minute.
    public init(limit: Int32) {
        precondition(limit > 0, "a budget of nothing allows nothing")
        self.limit = limit
    }

    /// Takes `weight` out of the running minute, or says when to come again.
    public mutating func take(_ weight: Int32, now: Int64) -> Verdict {
        turn(now)
        guard now >= blockedUntil else { return .wait(until: blockedUntil) }
        // Not `used + weight`: what the venue states may be any number.
        guard weight <= limit - used else { return .wait(until: (minute + 1) * Self.window) }
        used += weight
        return .allowed
    }

    /// The venue states what is used of the running minute, by everyone at this address.
    public mutating func observe(used stated: Int32, now: Int64) {
        turn(now)
        used = max(used, stated)
    }

    /// The venue refused: nothing goes out before `end`.
    public mutating func block(until end: Int64) {
        blockedUntil = max(blockedUntil, end)
    }

    private mutating func turn(_ now: Int64) {
        let current = now / Self.window
        guard current != minute else { return }
        minute = current
        used = 0
    }
}
