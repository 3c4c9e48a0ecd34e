import Core
import Foundation
import GRDB
import Testing

@testable import Store

@Suite("A database that follows a journal") struct StoreFollowerTests {
    /// Writes, follows, stops and starts both at random, then compares with one made in one go.
    @Test("Equals a rebuilt one, row for row, after any restarts", arguments: UInt64(1)...6)
    func equalsRebuilt(_ seed: UInt64) throws {
        let scratch = try Scratch()
        var random = Random(seed: seed)
        for start in 1...4 {
            let instruments = UInt32(min(4, 1 + start / 2))
            let run = try RandomRun(
                scratch, seed: seed * 10 + UInt64(start), instruments: instruments)
            var follower = scratch.follower()
            for _ in 0..<4 {
                try run.write(UInt32(1 + random.below(600)))
                if random.below(3) > 0 { _ = try follower.step() }
                if random.below(3) == 0 { follower = scratch.follower() }
            }
            if random.below(2) == 0 { try run.stop() }
        }
        try scratch.follower().run()
        let followed = try dump(scratch.file.path)

        let report = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        #expect(report.isEqual, "\(report.shown.map(\.text))")
        #expect(report.rows == followed.count)
        _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        #expect(try dump(scratch.file.path) == followed)
        #expect(followed.count > 500)
    }

    @Test("Holds what the journal holds: orders, positions, decisions, fills, runs")
    func holdsTheJournal() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 5, records: 3000)
        try writeRun(scratch, seed: 6, records: 10)
        try scratch.follower().run()
        let seen = try Seen(scratch.journal)
        try scratch.other().read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? -1 }
            #expect(try count("SELECT count(*) FROM decisions") == seen.decisions)
            #expect(
                try count("SELECT count(*) FROM decisions WHERE verdict = 'pass'") == seen.passed)
            #expect(try count("SELECT count(*) FROM fills") == seen.fills.count)
            #expect(
                try count("SELECT sum(fee) FROM fills")
                    == seen.fills.reduce(0) { $0 + Int($1.fee.units) })
            #expect(try count("SELECT count(*) FROM runs WHERE state_hash IS NOT NULL") == 2)
            #expect(try count("SELECT count(*) FROM instruments") == 2)
            #expect(try count("SELECT count(*) FROM limits WHERE instrument IS NULL") == 24)
            for (id, position) in seen.positions {
                let row = try #require(
                    try Row.fetchOne(
                        db, sql: "SELECT * FROM positions WHERE instrument = ?",
                        arguments: [id.slot]))
                #expect(row["lots"] == position.lots)
                #expect(row["cost"] == position.cost.units)
                #expect(row["realised"] == position.realised.units)
                #expect(row["fills"] == Int64(position.fills))
                #expect(
                    try count("SELECT sum(realised) FROM fills WHERE instrument = \(id.slot)")
                        == Int(position.realised.units))
                #expect(
                    try count("SELECT sum(fee_value) FROM fills WHERE instrument = \(id.slot)")
                        == Int(position.fees.units))
            }
            #expect(seen.orders.count > 100)
            for order in seen.orders {
                let row = try #require(
                    try Row.fetchOne(
                        db, sql: "SELECT * FROM orders WHERE id = ?",
                        arguments: [order.key.description]))
                #expect(row["state"] == order.state.name)
                #expect(row["filled_lots"] == order.filled.lots)
                #expect(row["filled_value"] == order.filledValue.units)
                let (created, changed): (Int64, Int64) = (
                    row["created_sequence"], row["changed_sequence"]
                )
                #expect(created <= changed)
            }
        }
    }

    @Test("Keeps the moment of an order's creation while it changes")
    func keepsCreation() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 9, records: 500)
        try scratch.follower().run()
        let moved = try scratch.other().read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM orders JOIN decisions ON order_id = id
                    WHERE kind = 'place' AND verdict = 'pass' AND created_at = at
                        AND created_sequence = decisions.sequence AND changed_at > created_at
                    """)
        }
        #expect(try #require(moved) > 20)
    }

    @Test("Has nothing to do for a directory without a journal")
    func emptyJournal() throws {
        let scratch = try Scratch()
        #expect(try !scratch.follower().step())
        #expect(scratch.file.identity == nil)
    }

    @Test("Is private: folder 0700, file 0600, in WAL mode")
    func isPrivate() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 1, records: 5)
        try scratch.follower().run()
        func mode(_ path: String) throws -> Int {
            let found = try FileManager.default.attributesOfItem(atPath: path)
            return try #require(found[.posixPermissions] as? Int)
        }
        #expect(try mode(scratch.file.path) == 0o600)
        #expect(try mode(scratch.file.folder) == 0o700)
        let kind = try scratch.other().read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(kind == "wal")
    }
}

/// The journal read without the store.
private struct Seen {
    var decisions = 0
    var passed = 0
    var fills: [Fill] = []
    var orders: [OrderSnapshot] = []
    var positions: [InstrumentID: PositionSnapshot] = [:]

    init(_ directory: String) throws {
        let replica = try JournalReplica(directory: directory)
        final class Found {
            var decisions: [Decision] = []
            var fills: [Fill] = []
        }
        let found = Found()
        while try replica.read(
            most: 100,
            { entry in
                if case .decision(let decision) = entry.content { found.decisions.append(decision) }
                if case .report(_, let fill?) = entry.content { found.fills.append(fill) }
            }) > 0
        {}
        decisions = found.decisions.count
        passed = found.decisions.count { $0.verdict == "pass" }
        fills = found.fills
        orders = Set(found.decisions.map(\.order)).compactMap { replica.order($0) }
        for slot in replica.instruments.indices {
            let id = InstrumentID(slot: UInt32(slot))
            positions[id] = replica.position(id)
        }
    }
}
