// JournalState.swift — what a journal's records give when they are replayed: orders, positions, and
// one number that stands for all of it.
import CCore

/// The state after the last record, as a start would have it before it asks the venue.
public struct JournalState: Sendable {
    public var findings: JournalFindings
    /// By slot, as the newest run describes them.
    public var instruments: [Instrument]
    /// By slot.
    public var positions: [PositionSnapshot]
    /// All that the lane's table remembers.
    public var orders: [OrderSnapshot]
    public var trading: TradingState
    /// Equal for equal journals, on every machine and in every build.
    public var hash: UInt64

    /// Replays the whole journal. What cannot be read throws; the journal stays as it is.
    public static func replay(_ directory: String) throws(CoreError) -> JournalState {
        let instruments = try self.instruments(directory)
        let lane = try ReplicaLane(instruments)
        let findings = JournalReader.read(directory) { record throws(CoreError) in
            try lane.take(record.record, record.payload)
        }
        if let problem = findings.problem { throw problem }
        let slots = (0..<UInt32(instruments.count)).map { InstrumentID(slot: $0) }
        return JournalState(
            findings: findings, instruments: instruments,
            positions: slots.map { lane.position($0) ?? PositionSnapshot() },
            orders: lane.orders, trading: lane.trading, hash: lane.hash)
    }

    /// The newest description of each slot: a lane's table of instruments is fixed when it is made.
    private static func instruments(_ directory: String) throws(CoreError) -> [Instrument] {
        let table = InstrumentTable()
        let findings = JournalReader.read(directory) { record throws(CoreError) in
            try table.take(record)
        }
        if let problem = findings.problem { throw problem }
        return table.instruments
    }
}

/// What the slots hold, learnt from the records that say it. One thread at a time.
public final class InstrumentTable {
    /// By slot.
    public private(set) var instruments: [Instrument] = []

    public init() {}

    /// `.corrupt`: a slot is left out, or the record is too short.
    public func take(_ record: JournalRecord) throws(CoreError) {
        guard Int(record.record.pointee.kind) == NT_RECORD_INSTRUMENT else { return }
        let entry = try JournalEntry(record.record, record.payload)
        guard case .instrument(let id, let instrument) = entry.content else { return }
        let slot = Int(id.slot)
        if slot < instruments.count {
            instruments[slot] = instrument
        } else if slot == instruments.count, slot < Int(NT_MAX_INSTRUMENTS) {
            instruments.append(instrument)
        } else {
            throw CoreError(
                .corrupt, "journal record \(record.sequence) leaves out an instrument's slot")
        }
    }
}
