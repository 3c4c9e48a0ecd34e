// LaneReadings.swift — what any thread may read of a running lane beside its tables.
import CCore

extension Lane {
    /// What is known of an instrument without news.
    public func silence(_ instrument: InstrumentID) -> Silence {
        Silence(rawValue: nt_lane_silence(handle, instrument.slot)) ?? .none
    }

    /// What a stream brought, among those of its group.
    public func feed(_ slot: UInt32) -> FeedSnapshot { FeedSnapshot(nt_lane_feed(handle, slot)) }

    /// Lots that an exit under way has not offered yet: it waits until a cancel is proven.
    public func exitLots(_ instrument: InstrumentID) -> Int64 {
        nt_lane_exit_lots(handle, instrument.slot)
    }
}
