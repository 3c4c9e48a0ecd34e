// Account.swift — what one client owns: free and locked amounts per asset, in units of 1e-8.

package struct AccountID: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

package struct AssetBalance: Sendable, Equatable {
    package var free: Int64 = 0
    package var locked: Int64 = 0
    package init(free: Int64 = 0, locked: Int64 = 0) {
        self.free = free
        self.locked = locked
    }
}

/// One client's balances; the exchange alone changes them.
package struct Account: Sendable {
    package let id: AccountID
    package private(set) var balances: [String: AssetBalance]
    /// Assets whose balance changed since they were last reported.
    package var changed: Set<String> = []
    package var updated: Int64 = 0

    package init(id: AccountID, balances: [String: Int64]) {
        self.id = id
        self.balances = balances.mapValues { AssetBalance(free: $0) }
    }

    package func free(_ asset: String) -> Int64 { balances[asset]?.free ?? 0 }

    /// Moves from free to locked; false when there is not enough.
    package mutating func lock(_ units: Int64, of asset: String) -> Bool {
        guard units >= 0, free(asset) >= units else { return false }
        change(asset) {
            $0.free -= units; $0.locked += units
        }
        return true
    }

    package mutating func unlock(_ units: Int64, of asset: String) {
        guard units != 0 else { return }
        change(asset) {
            $0.free += units; $0.locked -= units
        }
    }

    package mutating func credit(_ units: Int64, of asset: String) {
        change(asset) { $0.free += units }
    }

    /// Takes from locked.
    package mutating func spendLocked(_ units: Int64, of asset: String) {
        change(asset) { $0.locked -= units }
    }

    /// Takes from free as much as there is; returns what was taken.
    package mutating func spendFree(_ units: Int64, of asset: String) -> Int64 {
        let taken = min(units, free(asset))
        change(asset) { $0.free -= taken }
        return taken
    }

    private mutating func change(_ asset: String, _ body: (inout AssetBalance) -> Void) {
        body(&balances[asset, default: AssetBalance()])
        changed.insert(asset)
    }
}

/// Commission rates in units of 1e-8, such as 100,000 for 0.1 %.
package struct Fees: Sendable {
    package var maker: Int64
    package var taker: Int64
    package init(maker: Int64 = 100_000, taker: Int64 = 100_000) {
        self.maker = maker
        self.taker = taker
    }

    /// Commission on `units` of the received asset, rounded down.
    package func commission(on units: Int64, isMaker: Bool) -> Int64 {
        let rate = isMaker ? maker : taker
        return Int64(100_000_000).dividingFullWidth(units.multipliedFullWidth(by: rate)).quotient
    }
}
