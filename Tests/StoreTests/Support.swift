// Support.swift — what the store's tests share: a directory, a journal drawn at random, raw looks
// at a database.
import Foundation
import GRDB
import Glibc
import JournalFixture
import Testing

@testable import Store

/// A data directory that is removed with its owner.
final class Scratch {
    let root: String
    var journal: String { root + "/journal" }
    var file: StoreFile { StoreFile(dataDirectory: root) }

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: root + "/journal", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        journal_fixture_use_files_as(0)
        chmod(root, 0o700)
        chmod(file.folder, 0o700)
        try? FileManager.default.removeItem(atPath: root)
    }

    func follower(maxBytes: Int64? = nil) -> StoreFollower {
        StoreFollower(
            journal: journal, file: StoreFile(path: file.path, maxBytes: maxBytes))
    }

    /// The database seen by another program.
    func other() throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: file.path, configuration: configuration)
    }

    func execute(_ sql: String) throws { try other().write { try $0.execute(sql: sql) } }
}

/// One run of a bot that writes random records.
final class RandomRun {
    private let handle: OpaquePointer

    init(_ scratch: Scratch, seed: UInt64, account: UInt8 = 1, instruments: UInt32 = 2) throws {
        handle = try #require(
            journal_fixture_open(scratch.journal, seed, account, instruments))
    }

    deinit { journal_fixture_close(handle) }

    func write(_ count: UInt32) throws { try #require(journal_fixture_run(handle, count)) }
    func stop() throws { try #require(journal_fixture_stop(handle)) }
}

/// Writes one run and ends it.
func writeRun(
    _ scratch: Scratch, seed: UInt64, records: UInt32 = 300, account: UInt8 = 1,
    instruments: UInt32 = 2
) throws {
    let run = try RandomRun(scratch, seed: seed, account: account, instruments: instruments)
    try run.write(records)
    try run.stop()
}

/// Every row of every table as text, in the order of the keys.
func dump(_ path: String) throws -> [String] {
    let queue = try DatabaseQueue(path: path)
    return try queue.read { db in
        try Table.all.flatMap { table in
            let order = table.key.joined(separator: ",")
            return try Row.fetchAll(db, sql: "SELECT * FROM \(table.name) ORDER BY \(order)")
                .map { "\(table.name) \($0)" }
        }
    }
}

/// What a step fails with; nil when it does not.
func problem(_ body: () throws(StoreError) -> Void) -> StoreError? {
    do throws(StoreError) {
        try body()
        return nil
    } catch {
        return error
    }
}
