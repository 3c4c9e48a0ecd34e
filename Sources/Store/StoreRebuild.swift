// StoreRebuild.swift — makes the database anew from the journal, beside the old one.
import Foundation
import GRDB
import Glibc

/// What a rebuild came to.
public struct RebuildReport: Sendable, Codable {
    public var path: String
    /// Record of the journal up to which it goes.
    public var sequence: UInt64
    /// Rows by table.
    public var rows: [String: Int]
}

public enum StoreRebuild {
    /// Projects the whole journal into a new file and puts it in the old one's place. A running bot
    /// notices and goes on with the new one. Another account's file stays as it is.
    public static func run(journal: String, file: StoreFile) throws(StoreError) -> RebuildReport {
        guard let account = try StoreFollower.account(journal) else {
            throw .journal(isDamaged: false, "no journal in \(journal)")
        }
        try refuseForeign(file, account)
        var fresh = file
        fresh.path += ".new"
        remove(fresh.path)
        do throws(StoreError) {
            let report = try build(journal, fresh, as: file.path)
            try replace(file, by: fresh)
            return report
        } catch {
            remove(fresh.path)
            throw error
        }
    }

    /// A damaged file is what a rebuild mends; a newer one is the operator's wish.
    private static func refuseForeign(
        _ file: StoreFile, _ account: [UInt8]
    ) throws(StoreError) {
        guard file.identity != nil else { return }
        do throws(StoreError) {
            try file.inspect(account: Store.name(account))
        } catch {
            switch error {
            case .foreign, .unavailable, .locked: throw error
            case .full, .damaged, .newer, .notThisJournal, .journal: return
            }
        }
    }

    private static func build(
        _ journal: String, _ fresh: StoreFile, as path: String
    ) throws(StoreError) -> RebuildReport {
        let follower = StoreFollower(journal: journal, file: fresh)
        try follower.run()
        guard let store = follower.store else {
            throw .journal(isDamaged: false, "no journal in \(journal)")
        }
        let rows = try translating(fresh.path) {
            let rows = try store.queue.read { db in try counts(db) }
            // Everything into the one file that is renamed.
            try store.queue.writeWithoutTransaction { db in
                _ = try db.checkpoint(.truncate)
            }
            try store.queue.close()
            return rows
        }
        return RebuildReport(path: path, sequence: store.last.sequence, rows: rows)
    }

    private static func counts(_ db: Database) throws -> [String: Int] {
        var rows: [String: Int] = [:]
        for table in Table.all {
            rows[table.name] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table.name)")
        }
        return rows
    }

    /// While nobody writes the old one: its log must not be taken for the new one's.
    private static func replace(_ file: StoreFile, by fresh: StoreFile) throws(StoreError) {
        let held = try hold(file)
        defer { try? held?.close() }
        for name in ["-wal", "-shm"] { unlink(file.path + name) }
        guard rename(fresh.path, file.path) == 0 else {
            throw .unavailable(
                path: file.path, "cannot be replaced: \(String(cString: strerror(errno)))")
        }
    }

    /// The old database under a write lock; nil where there is none or it is too damaged to lock.
    private static func hold(_ file: StoreFile) throws(StoreError) -> DatabaseQueue? {
        guard file.identity != nil else { return nil }
        do throws(StoreError) {
            return try translating(file.path) {
                var configuration = GRDB.Configuration()
                configuration.busyMode = .timeout(5)
                configuration.allowsUnsafeTransactions = true
                let queue = try DatabaseQueue(path: file.path, configuration: configuration)
                try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
                return queue
            }
        } catch {
            guard case .damaged = error else { throw error }
            return nil
        }
    }

    private static func remove(_ path: String) {
        for name in ["", "-wal", "-shm"] { unlink(path + name) }
    }
}
