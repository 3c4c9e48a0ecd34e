// JournalTail.swift — follows a journal on disk, also while a bot writes it.
import CCore

/// One thread at a time.
final class JournalTail {
    private let handle: OpaquePointer

    /// `directory` may be empty still, or missing.
    init(directory: String) throws(CoreError) {
        var made: OpaquePointer?
        try check(
            nt_journal_tail_open(directory, nt_files_system(), &made), "following the journal")
        guard let made else { throw CoreError(.noMemory, "following the journal") }
        handle = made
    }

    deinit { nt_journal_tail_close(handle) }

    /// Sequence of the last record shown.
    var sequence: UInt64 { nt_journal_tail_sequence(handle) }

    /// Last sequence that is safe on disk.
    func durable() throws(CoreError) -> UInt64 {
        var sequence: UInt64 = 0
        try check(nt_journal_tail_durable(handle, &sequence), "reading the journal")
        return sequence
    }

    /// Nil before the first record.
    var account: [UInt8]? {
        var account = [UInt8](repeating: 0, count: 16)
        return nt_journal_tail_account(handle, &account) == NT_OK ? account : nil
    }

    /// Shows the next records that are synced, at most `most`; returns how many. What `take`
    /// throws ends the walk; that record is shown again.
    func read(
        most: UInt64,
        _ take: @escaping (UnsafePointer<nt_record>, UnsafeRawPointer) throws(CoreError) -> Void
    ) throws(CoreError) -> UInt64 {
        let visitor = JournalVisitor(take)
        var shown: UInt64 = 0
        let status = nt_journal_tail_read(
            handle, most, JournalVisitor.callback, Unmanaged.passUnretained(visitor).toOpaque(),
            &shown)
        if let problem = visitor.problem { throw problem }
        try check(status, "reading the journal")
        return shown
    }
}
