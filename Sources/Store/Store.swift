// Store.swift — the database: opened, migrated, written in whole steps.
//
// Every transaction carries rows and the sequence up to which they go, so that a crash leaves the
// state after some record and the next start goes on behind it.
import Core
import Foundation
import GRDB

/// One connection to one database. One thread at a time.
final class Store {
    /// Nil: in memory.
    let file: StoreFile?
    let queue: DatabaseQueue
    private let identity: StoreFile.Identity?
    /// The record up to which it goes.
    private(set) var last: Mark

    /// One record of the journal; sequence 0 is before the first.
    struct Mark: Equatable {
        var sequence: UInt64
        var checksum: UInt32
    }

    /// The account as the database names it.
    static func name(_ account: [UInt8]) -> String {
        account.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    /// Opens the file, made and migrated as needed.
    static func open(_ file: StoreFile, account: [UInt8]) throws(StoreError) -> Store {
        try file.make()
        try file.inspect(account: name(account))
        let identity = file.identity
        let queue = try file.database(readOnly: false)
        return try Store(file, queue, identity, account)
    }

    static func inMemory(account: [UInt8]) throws(StoreError) -> Store {
        let queue = try translating("memory") { try DatabaseQueue() }
        return try Store(nil, queue, nil, account)
    }

    private init(
        _ file: StoreFile?, _ queue: DatabaseQueue, _ identity: StoreFile.Identity?,
        _ account: [UInt8]
    ) throws(StoreError) {
        self.file = file
        self.queue = queue
        self.identity = identity
        last = try translating(file?.path ?? "memory") {
            try Schema.migrator.migrate(queue)
            if let mark = try queue.read({ try Store.mark($0) }) { return mark }
            return try queue.write { db in
                try db.execute(
                    sql: "INSERT INTO meta VALUES(1, ?, ?, 0, 0)",
                    arguments: [Schema.version, Store.name(account)])
                return Mark(sequence: 0, checksum: 0)
            }
        }
    }

    /// False once the file was deleted or replaced: what is written now is lost.
    var isInPlace: Bool { identity == file?.identity }

    /// Nil: nobody has written yet.
    static func mark(_ db: Database) throws -> Mark? {
        let sql = "SELECT last_sequence, last_checksum FROM meta"
        return try Row.fetchOne(db, sql: sql).map {
            Mark(sequence: $0["last_sequence"], checksum: $0["last_checksum"])
        }
    }

    /// Writes the rows of the records behind `last`, all or none.
    func write(_ records: ArraySlice<RecordChanges>) throws(StoreError) {
        guard let newest = records.last else { return }
        let mark = Mark(sequence: newest.sequence, checksum: newest.checksum)
        let before = last
        let path = file?.path ?? "memory"
        try translating(path) {
            try queue.write { db in
                guard try Store.mark(db) == before else {
                    throw StoreError.unavailable(path: path, "another process writes it as well")
                }
                for row in records.lazy.flatMap(\.rows) {
                    try db.cachedStatement(sql: row.table.insert)
                        .execute(arguments: StatementArguments(row.values))
                }
                try db.execute(
                    sql: "UPDATE meta SET last_sequence = ?, last_checksum = ?",
                    arguments: [mark.sequence, mark.checksum])
            }
        }
        last = mark
    }
}
