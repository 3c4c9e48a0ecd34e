// StoreFollower.swift — keeps a database in step with a journal.
//
// It always reads the journal from its first record, because orders and positions follow from all
// of them; what the database has already is not written again. A step that fails keeps its rows
// and tries them again, and reads no further meanwhile: the journal is the buffer.
import Core

/// One thread at a time.
public final class StoreFollower {
    /// Records in one transaction.
    static let batch: UInt64 = 2000

    private let directory: String
    private let place: Place
    /// Goes no further than this record.
    private let end: UInt64
    private var replica: JournalReplica?
    private var projection = Projection()
    private var pending: [RecordChanges] = []
    /// How far the database was when last looked at.
    private var reached = Store.Mark(sequence: 0, checksum: 0)
    private(set) var store: Store?

    enum Place {
        case file(StoreFile)
        case memory
    }

    /// `journal`: its directory, which may be empty still.
    public convenience init(journal: String, file: StoreFile) {
        self.init(journal: journal, place: .file(file))
    }

    init(journal: String, place: Place, end: UInt64 = .max) {
        directory = journal
        self.place = place
        self.end = end
    }

    /// Sequence of the last record in the database.
    public var sequence: UInt64 { store?.last.sequence ?? reached.sequence }

    /// Takes the next records over. True: there may be more. After a failure the same step is
    /// tried again by the next call. A database that is not this journal's stays untouched.
    public func step() throws(StoreError) -> Bool {
        if let store, !store.isInPlace { startOver() }
        let replica = try begin()
        if pending.isEmpty { try read(replica) }
        guard let first = pending.first, let newest = pending.last, let account = replica.account
        else {
            try checkNotAhead(replica)
            return false
        }
        reached = try look(account)
        guard first.sequence <= reached.sequence + 1 else {  // It is another, older file now.
            startOver()
            return true
        }
        if newest.sequence >= reached.sequence {
            try checkSameJournal()
            try write(try open(account))
        }
        pending = []
        return true
    }

    /// Until nothing is left.
    func run() throws(StoreError) {
        while try step() {}
    }

    private func startOver() {
        replica = nil
        store = nil
        pending = []
        reached = Store.Mark(sequence: 0, checksum: 0)
    }

    private func begin() throws(StoreError) -> JournalReplica {
        if let replica { return replica }
        do throws(CoreError) {
            let made = try JournalReplica(directory: directory)
            replica = made
            projection = Projection()
            return made
        } catch {
            throw StoreError(error)
        }
    }

    private func read(_ replica: JournalReplica) throws(StoreError) {
        let most = min(Self.batch, end - replica.sequence)
        do throws(CoreError) {
            try replica.read(most: most) { [self] entry in
                pending.append(projection.take(entry, replica))
            }
        } catch {
            // What was read before the damage is good.
            if pending.isEmpty { throw StoreError(error) }
        }
    }

    private func open(_ account: [UInt8]) throws(StoreError) -> Store {
        if let store { return store }
        let opened: Store
        switch place {
        case .file(let file): opened = try Store.open(file, account: account)
        case .memory: opened = try Store.inMemory(account: account)
        }
        store = opened
        return opened
    }

    private func look(_ account: [UInt8]) throws(StoreError) -> Store.Mark {
        if let store { return store.last }
        guard case .file(let file) = place, file.identity != nil else {
            return Store.Mark(sequence: 0, checksum: 0)
        }
        return try file.inspect(account: Store.name(account))
    }

    private func write(_ store: Store) throws(StoreError) {
        do throws(StoreError) {
            try store.write(pending.drop { $0.sequence <= store.last.sequence })
        } catch {
            self.store = nil  // Whatever it was: look at the file anew.
            throw error
        }
    }

    /// The database's last record must be the journal's, not another one of the same number.
    private func checkSameJournal() throws(StoreError) {
        guard let same = pending.first(where: { $0.sequence == reached.sequence }),
            same.checksum != reached.checksum
        else { return }
        throw otherJournal("was made from another journal")
    }

    /// Whose journal it is; nil before its first record.
    static func account(_ journal: String) throws(StoreError) -> [UInt8]? {
        do throws(CoreError) {
            let replica = try JournalReplica(directory: journal)
            try replica.read(most: 1) { _ in }
            return replica.account
        } catch {
            throw StoreError(error)
        }
    }

    private func checkNotAhead(_ replica: JournalReplica) throws(StoreError) {
        guard reached.sequence > replica.sequence else { return }
        throw otherJournal(
            "goes up to record \(reached.sequence), the journal to \(replica.sequence)")
    }

    private func otherJournal(_ reason: String) -> StoreError {
        guard case .file(let file) = place else { return .notThisJournal(path: "memory", reason) }
        return .notThisJournal(path: file.path, reason)
    }
}

extension StoreError {
    init(_ error: CoreError) {
        switch error.code {
        case .corrupt, .version, .refused: self = .journal(isDamaged: true, error.text)
        default: self = .journal(isDamaged: false, error.text)
        }
    }
}
