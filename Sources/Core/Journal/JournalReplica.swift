// JournalReplica.swift — orders and positions rebuilt from a journal, record by record.
//
// The records go through the lane's own recovery (nt_lane_recover), so that a projection has the
// live transition table and arithmetic and no second opinion. The lane inside has no strategy, no
// stream and no clock. A journal whose newer run trades more instruments makes it anew: the table
// of instruments is fixed when a lane is made.
import CCore

/// Reads one journal from its first record on. One thread at a time.
public final class JournalReplica {
    public let directory: String
    /// By slot, as the newest run describes them.
    public private(set) var instruments: [Instrument] = []
    /// Mark of the installation in client order ids, of the newest run.
    private var instance: UInt32 = 0
    private let tail: JournalTail
    private var lane: ReplicaLane?

    /// The directory may be empty still.
    public init(directory: String) throws(CoreError) {
        self.directory = directory
        tail = try JournalTail(directory: directory)
    }

    /// Sequence of the last record taken; 0 before the first.
    public var sequence: UInt64 { tail.sequence }
    /// Sixteen bytes that name the account; nil before the first record.
    public var account: [UInt8]? { tail.account }
    /// Last sequence that is safe on disk.
    public func durable() throws(CoreError) -> UInt64 { try tail.durable() }

    /// Takes the next records, at most `most`, and shows each after it was taken. Returns how many;
    /// zero when there is nothing new.
    @discardableResult
    public func read(
        most: UInt64, _ show: @escaping (JournalEntry) -> Void
    ) throws(CoreError) -> UInt64 {
        try tail.read(most: most) { [self] record, payload throws(CoreError) in
            let entry = try JournalEntry(record, payload)
            switch entry.content {
            case .start(let instance, _): self.instance = instance
            case .instrument(let id, let instrument):
                try note(instrument, id, before: entry.sequence)
            default: break
            }
            try lane?.take(record, payload)
            show(entry)
        }
    }

    /// The order after the last record taken. Nil: never there, or finished so long ago that the
    /// lane has forgotten it.
    public func order(_ key: OrderKey) -> OrderSnapshot? { lane?.order(key) }

    public func position(_ instrument: InstrumentID) -> PositionSnapshot {
        lane?.position(instrument) ?? PositionSnapshot()
    }

    /// The client order id that the venue saw.
    public func clientOrderID(_ key: OrderKey) -> String {
        var text = [CChar](repeating: 0, count: Int(NT_ORDER_ID_LENGTH))
        nt_order_id_write(instance, key.raw, &text)
        return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func note(
        _ instrument: Instrument, _ id: InstrumentID, before sequence: UInt64
    ) throws(CoreError) {
        let slot = Int(id.slot)
        guard slot >= instruments.count else {
            instruments[slot] = instrument
            return
        }
        guard slot == instruments.count, slot < Int(NT_MAX_INSTRUMENTS) else {
            throw CoreError(.corrupt, "journal record \(sequence) leaves out an instrument's slot")
        }
        instruments.append(instrument)
        try makeLane(before: sequence)
    }

    /// A lane with room for all instruments, brought to the record before `sequence`.
    private func makeLane(before sequence: UInt64) throws(CoreError) {
        let made = try ReplicaLane(instruments)
        let past = try JournalTail(directory: directory)
        while past.sequence + 1 < sequence {
            let shown = try past.read(most: sequence - 1 - past.sequence) {
                record, payload throws(CoreError) in try made.take(record, payload)
            }
            guard shown > 0 else {
                throw CoreError(.corrupt, "the journal ends before record \(sequence)")
            }
        }
        lane = made
    }
}
