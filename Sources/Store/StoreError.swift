// StoreError.swift — why the database cannot be used now, and how to mend it.

public enum StoreError: Error, Equatable {
    /// Another process holds the database.
    case locked(path: String)
    /// The disk, or the size allowed to the database, has no room.
    case full(path: String)
    /// Missing, not permitted, unreadable.
    case unavailable(path: String, String)
    /// Not a database, or not a sound one.
    case damaged(path: String, String)
    /// Written by a newer version of this program.
    case newer(path: String, found: Int, known: Int)
    /// Of another account than the journal.
    case foreign(path: String, found: String, expected: String)
    /// Of this account, but not made from this journal.
    case notThisJournal(path: String, String)
    /// The journal itself cannot be read.
    case journal(isDamaged: Bool, String)

    /// The command line's contract.
    public var exitCode: Int32 {
        switch self {
        case .locked, .foreign: 3
        case .full, .unavailable: 2
        case .damaged, .newer, .notThisJournal: 6
        case .journal(let isDamaged, _): isDamaged ? 6 : 2
        }
    }

    /// What is wrong and what to do.
    public var text: String {
        switch self {
        case .locked(let path): "\(path) is locked by another process; end that process"
        case .full(let path): "\(path): no room on the disk; free some"
        case .unavailable(let path, let reason): "\(path): \(reason)"
        case .damaged(let path, let reason): "\(path): \(reason). \(StoreError.mend)"
        case .newer(let path, let found, let known):
            "\(path) has schema \(found), this program knows schemas up to \(known); use the newer "
                + "program, or make it anew: needletail store rebuild"
        case .foreign(let path, let found, let expected):
            "\(path) belongs to account \(found), the journal to account \(expected); name the "
                + "right data directory, or move the file away"
        case .notThisJournal(let path, let reason): "\(path): \(reason). \(StoreError.mend)"
        case .journal(_, let reason): reason
        }
    }

    private static let mend = "Make it anew from the journal: needletail store rebuild"
}
