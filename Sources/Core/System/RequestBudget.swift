// RequestBudget.swift — the Swift face of nt/budget.h: what a venue allows, counted once for all.
import CCore

/// Counters of one address and one account, of this process alone or in a file that several share.
/// Times are wall-clock milliseconds, handed in. Any thread; nothing here waits.
public final class RequestBudget: @unchecked Sendable {
    /// Who asks: the earlier, the more of a limit it may use.
    public enum Class: UInt8, Sendable {
        case cancel = 0
        /// Orders, trades, balances.
        case query = 1
        case order = 2
        /// Rules, clock, books, prices.
        case read = 3
    }

    public enum Limit: UInt8, Sendable, CaseIterable {
        /// Request weight of the address.
        case weight = 0
        /// Orders of the account in some seconds.
        case orders = 1
        case ordersDay = 2
    }

    public enum Verdict: Sendable, Hashable {
        case allowed
        /// Not before this time; `isSilence`: the venue asked for it.
        case wait(until: Int64, isSilence: Bool)
    }

    /// Use of one limit. `most`: what new orders may use; the rest is kept for cancels.
    public struct Use: Sendable, Hashable {
        public let limit: Limit
        public let used: Int64
        public let allowed: Int64
        public let most: Int64
        /// Milliseconds.
        public let window: Int64
    }

    public struct View: Sendable, Hashable {
        public let uses: [Use]
        /// Nil: the venue listens.
        public let blockedUntil: Int64?
        public let bannedUntil: Int64?
        /// Process ids of all that share it, this one included.
        public let users: [UInt32]
    }

    package let handle: OpaquePointer

    private init(_ handle: OpaquePointer?) throws(CoreError) {
        guard let handle else { throw CoreError(.noMemory, "no memory") }
        self.handle = handle
    }

    /// For this process alone. `percent` (1 … 100): our share of the venue's limits.
    public convenience init(percent: UInt32) throws(CoreError) {
        var made: OpaquePointer?
        try check(nt_budget_create(percent, &made), "creating the request budget")
        try self.init(made)
    }

    /// Shared by every process of this user that opens the same file. `account` tells accounts
    /// apart whose orders are counted. Refuses a file that is no budget, of another version, or
    /// not this user's alone; blocks a moment.
    public convenience init(
        path: String, account: UInt64, percent: UInt32
    ) throws(CoreError) {
        var made: OpaquePointer?
        let status = nt_budget_open(path, account, percent, &made)
        try check(status, "opening the request budget")
        try self.init(made)
    }

    deinit { nt_budget_close(handle) }

    /// Takes `weight`, or says when to come again.
    public func take(_ weight: Int32, for asker: Class, now: Int64) -> Verdict {
        var refusal = nt_budget_refusal()
        let status = nt_budget_take(
            handle, asker.rawValue, UInt32(max(weight, 0)), 0, now, &refusal)
        guard status != NT_OK else { return .allowed }
        return .wait(
            until: refusal.until_ms, isSilence: refusal.limit == UInt8(NT_BUDGET_LIMIT_COUNT))
    }

    /// The venue states what everybody at this address has used.
    public func observe(used: Int64, now: Int64) {
        nt_budget_observe(handle, Limit.weight.rawValue, used, 0, now)
    }

    /// The venue states a limit and the length of its window, milliseconds. Nonsense is ignored.
    public func set(_ limit: Limit, to allowed: Int64, window: Int64) {
        nt_budget_set_limit(handle, limit.rawValue, allowed, window)
    }

    /// Nothing goes out before `end`, whoever asks.
    public func block(until end: Int64, isBan: Bool, now: Int64) {
        nt_budget_block(handle, end, isBan, now)
    }

    public func view(now: Int64) -> View {
        var c = nt_budget_look(handle, now)
        let uses = withUnsafeBytes(of: &c.uses) { bytes in
            zip(Limit.allCases, bytes.bindMemory(to: nt_budget_use.self)).map { limit, use in
                Use(
                    limit: limit, used: use.used, allowed: use.limit, most: use.most,
                    window: use.window_ms)
            }
        }
        let count = Int(c.user_count)
        let users = withUnsafeBytes(of: &c.users) { bytes in
            Array(bytes.bindMemory(to: UInt32.self).prefix(count))
        }
        return View(
            uses: uses, blockedUntil: c.blocked_until_ms == 0 ? nil : c.blocked_until_ms,
            bannedUntil: c.banned_until_ms == 0 ? nil : c.banned_until_ms, users: users)
    }
}
