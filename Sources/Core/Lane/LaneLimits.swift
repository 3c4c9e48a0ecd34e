// LaneLimits.swift — every limit of a lane as one table, and its way to the running lane.
import CCore

/// The gate's table: the account's limits and those of each instrument, by slot.
public struct LaneLimits: Sendable, Hashable {
    public var account: AccountLimits
    public var instruments: [InstrumentLimits]

    public init(account: AccountLimits, instruments: [InstrumentLimits]) {
        self.account = account
        self.instruments = instruments
    }

    private var c: nt_lane_limits {
        var c = nt_lane_limits()
        c.account = account.c
        withUnsafeMutableBytes(of: &c.instruments) { bytes in
            let slots = bytes.bindMemory(to: nt_instrument_limits.self)
            for (slot, limits) in zip(slots.indices, instruments) { slots[slot] = limits.c }
        }
        return c
    }

    /// Lays the table ready; the lane takes it over by `LaneCommand.setLimits` with this version.
    func write(_ cell: OpaquePointer) -> UInt32 {
        withUnsafePointer(to: c) { UInt32(truncatingIfNeeded: nt_cell_write(cell, $0)) }
    }
}

extension Lane {
    /// Lays new limits ready and returns their version. One thread at a time; not the lane's.
    public func publish(_ limits: LaneLimits) -> UInt32 { limits.write(limitsCell) }
}
