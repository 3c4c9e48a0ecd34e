// JournalReader.swift — reads a whole journal once, ring included, and says what it found.
//
// For tools: it locks and changes nothing, and shows what a start would take back, also what is not
// synced yet. `JournalTail` is for those who follow.
import CCore

/// A place in one of a journal's files.
public struct JournalPlace: Sendable, Equatable, Codable {
    /// Name in the journal's directory.
    public var file: String
    /// Bytes from the file's beginning.
    public var offset: UInt64
    /// Sequence of the record that begins, or should begin, there; 0: not known.
    public var record: UInt64

    init?(_ c: nt_journal_place) {
        file = fixedText(c.file)
        offset = c.offset
        record = c.record
        if file.isEmpty { return nil }
    }
}

/// What a journal holds, as far as it could be read.
public struct JournalFindings: Sendable {
    public var records: UInt64
    public var lastSequence: UInt64
    public var lastEpoch: UInt32
    /// Bytes of a torn tail; the next start cuts it off.
    public var tornBytes: UInt64
    /// Records that only the ring has; the next start writes them to a segment.
    public var fromRing: UInt64
    public var isCleanlyStopped: Bool
    /// Hash over all records, 32 hexadecimal digits: equal journals, equal chains.
    public var chain: String
    /// Behind the last record on disk; nil: there is none.
    public var end: JournalPlace?
    /// Where reading stopped at damage.
    public var damage: JournalPlace?
    /// Nil: it was read to its end.
    public var problem: CoreError?

    init(_ c: nt_journal_found, _ problem: CoreError?) {
        records = c.records
        lastSequence = c.last_sequence
        lastEpoch = c.last_epoch
        tornBytes = c.trimmed_bytes
        fromRing = c.from_ring
        isCleanlyStopped = c.clean_stop
        chain = withUnsafeBytes(of: c.chain) { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        end = JournalPlace(c.end)
        damage = JournalPlace(c.damage)
        self.problem = problem
    }
}

public enum JournalReader {
    /// Shows each record in its order, borrowed for the call. What `show` throws ends the reading
    /// and becomes the findings' problem. Any thread; a bot may write meanwhile.
    public static func read(
        _ directory: String, _ show: @escaping (JournalRecord) throws(CoreError) -> Void
    ) -> JournalFindings {
        let visitor = JournalVisitor { record, payload throws(CoreError) in
            try show(JournalRecord(record: record, payload: payload))
        }
        var found = nt_journal_found()
        let status = nt_journal_read(
            directory, nt_files_system(), JournalVisitor.callback,
            Unmanaged.passUnretained(visitor).toOpaque(), &found)
        let problem =
            visitor.problem ?? (status == NT_OK ? nil : failure(status, "reading the journal"))
        return JournalFindings(found, problem)
    }
}
