// StoreFile.swift — the database's file: made private, looked at before it is touched.
import Foundation
import GRDB
import Glibc

/// Where the database lies and what it may take.
public struct StoreFile: Sendable {
    public var path: String
    /// Nil: as much as the disk has.
    public var maxBytes: Int64?

    public init(path: String, maxBytes: Int64? = nil) {
        self.path = path
        self.maxBytes = maxBytes
    }

    /// In a bot's data directory.
    public init(dataDirectory: String) {
        self.init(path: dataDirectory + "/store/needletail.sqlite")
    }

    var folder: String { (path as NSString).deletingLastPathComponent }

    /// Tells this file from another one under the same name.
    struct Identity: Equatable {
        var device: UInt
        var node: UInt
    }

    /// Nil: there is no such file.
    var identity: Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt(status.st_dev), node: UInt(status.st_ino))
    }

    // MARK: Making

    /// Makes folder and file where they are missing, for nobody but the owner.
    func make() throws(StoreError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unavailable(path: folder, "cannot be made: \(error.localizedDescription)")
        }
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            if errno == ENOSPC { throw .full(path: path) }
            throw .unavailable(path: path, "cannot be made: \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }

    /// Refuses what is no plain file of the owner alone.
    func checkPermissions() throws(StoreError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw .unavailable(path: path, String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unavailable(path: path, "must be a plain file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .unavailable(path: path, "others may use it; run: chmod 600 \(path)")
        }
    }

    // MARK: Looking

    /// Refuses a file that is not ours, too new, damaged, or of another account; changes nothing.
    /// `account` nil: of whoever's. Returns up to where it goes.
    @discardableResult
    func inspect(account: String?) throws(StoreError) -> Store.Mark {
        try checkPermissions()
        let nothing = Store.Mark(sequence: 0, checksum: 0)
        var status = stat()
        // A file of no bytes is a database that is still to be made.
        guard stat(path, &status) == 0, status.st_size > 0 else { return nothing }
        let queue = try database(readOnly: true)
        return try translating(path) {
            try queue.read { db in try judge(db, account) ? Store.mark(db) : nil } ?? nothing
        }
    }

    /// False: its making was interrupted.
    private func judge(_ db: Database, _ account: String?) throws -> Bool {
        guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
            let sql = "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'"
            let tables = try Int.fetchOne(db, sql: sql)
            if tables == 0 { return false }
            throw StoreError.damaged(path: path, "is no database of this program")
        }
        let found = try Schema.version(db)
        guard found <= Schema.version else {
            throw StoreError.newer(path: path, found: found, known: Schema.version)
        }
        let owner = try String.fetchOne(db, sql: "SELECT account FROM meta")
        if let account, let owner, owner != account {
            throw StoreError.foreign(path: path, found: owner, expected: account)
        }
        return true
    }

    /// Connections wait so long for another process, off the lane.
    private static let patience = 0.25

    func database(readOnly: Bool) throws(StoreError) -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(Self.patience)
        configuration.label = "store"
        if !readOnly { configuration.journalMode = .wal }
        if let maxBytes {
            configuration.prepareDatabase { db in
                let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
                try db.execute(sql: "PRAGMA max_page_count = \(max(1, maxBytes / size))")
            }
        }
        return try translating(path) {
            try DatabaseQueue(path: path, configuration: configuration)
        }
    }
}

/// Turns SQLite's failures into ours.
func translating<Result>(
    _ path: String, _ body: () throws -> Result
) throws(StoreError) -> Result {
    do {
        return try body()
    } catch let error as StoreError {
        throw error
    } catch let error as DatabaseError {
        throw StoreError(path, error)
    } catch {
        throw .unavailable(path: path, "\(error)")
    }
}

extension StoreError {
    init(_ path: String, _ error: DatabaseError) {
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path)
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_ERROR, .SQLITE_CONSTRAINT,
            .SQLITE_MISMATCH, .SQLITE_SCHEMA:
            self = .damaged(path: path, reason)
        default: self = .unavailable(path: path, reason)
        }
    }
}
