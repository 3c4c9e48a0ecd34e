// ReplicaLane.swift — a lane that only recovers: the live tables and arithmetic, fed by records.
import CCore

/// Has no strategy, no stream and no clock. One thread at a time.
final class ReplicaLane {
    private let handle: OpaquePointer
    private let instruments: Int
    // Both are borrowed by the lane.
    private let codec: UnsafeMutablePointer<nt_codec>
    private let time = ManualTime()

    init(_ instruments: [Instrument]) throws(CoreError) {
        self.instruments = instruments.count
        codec = .allocate(capacity: 1)
        codec.initialize(to: nt_codec())
        var c = nt_lane_config()
        c.instrument_count = UInt32(instruments.count)
        c.book_depth = 1
        c.codec = UnsafePointer(codec)
        c.clock = Clock(manual: time).c
        var made: OpaquePointer?
        let status = instruments.map(\.cValue).withUnsafeBufferPointer { table in
            c.instruments = table.baseAddress
            return nt_lane_create(&c, &made)
        }
        guard status == NT_OK, let made else {
            codec.deallocate()
            throw failure(status, "replaying the journal")
        }
        handle = made
    }

    deinit {
        nt_lane_destroy(handle)
        codec.deallocate()
    }

    func take(
        _ record: UnsafePointer<nt_record>, _ payload: UnsafeRawPointer
    ) throws(CoreError) {
        try check(
            nt_lane_recover(UnsafeMutableRawPointer(handle), record, payload),
            "replaying the journal")
    }

    func order(_ key: OrderKey) -> OrderSnapshot? {
        nt_orders_find(nt_lane_orders(handle), key.raw).map { OrderSnapshot($0.pointee) }
    }

    func position(_ instrument: InstrumentID) -> PositionSnapshot? {
        guard Int(instrument.slot) < instruments else { return nil }
        return PositionSnapshot(nt_lane_position(handle, instrument.slot))
    }

    /// Orders, positions, gate and sequence as one number.
    var hash: UInt64 { nt_lane_hash(handle) }

    var trading: TradingState { TradingState(rawValue: nt_lane_trading(handle)) ?? .halted }

    /// All that the table remembers, by slot.
    var orders: [OrderSnapshot] {
        guard let table = nt_lane_orders(handle) else { return [] }
        return (0..<nt_orders_capacity(table)).compactMap { slot in
            nt_orders_at(table, slot).map { OrderSnapshot($0.pointee) }
        }
    }
}
