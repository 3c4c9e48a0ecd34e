// JournalVisitor.swift — a Swift closure in the shape of the core's visitor of records.
import CCore

/// Gives a Swift closure the shape of the core's visitor.
final class JournalVisitor {
    typealias Take = (UnsafePointer<nt_record>, UnsafeRawPointer) throws(CoreError) -> Void
    private let take: Take
    private(set) var problem: CoreError?

    init(_ take: @escaping Take) { self.take = take }

    private func visit(
        _ record: UnsafePointer<nt_record>, _ payload: UnsafeRawPointer
    ) -> nt_status {
        do throws(CoreError) {
            try take(record, payload)
            return NT_OK
        } catch {
            problem = error
            return NT_CLOSED
        }
    }

    nonisolated static let callback: nt_journal_visit = { context, record, payload in
        guard let context, let record, let payload else { return NT_INVALID }
        let visitor = Unmanaged<JournalVisitor>.fromOpaque(context).takeUnretainedValue()
        return visitor.visit(record, payload)
    }
}
