import Foundation
import GRDB
import Testing

@testable import Store

@Suite("store check and store rebuild") struct StoreCheckTests {
    private func followed() throws -> Scratch {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 21, records: 400)
        try scratch.follower().run()
        return scratch
    }

    private func differences(_ scratch: Scratch) throws -> [RowDifference] {
        let report = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        #expect(report.differences == report.shown.count)
        return report.shown
    }

    @Test("Finds no difference in an honest one") func honest() throws {
        #expect(try differences(followed()).isEmpty)
    }

    @Test("Names a changed value, and what the journal says") func changed() throws {
        let scratch = try followed()
        let key = try #require(
            try scratch.other().read {
                try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM fills")
            })
        let fee = try scratch.other().read {
            try Int64.fetchOne($0, sql: "SELECT fee FROM fills ORDER BY sequence DESC")
        }
        try scratch.execute("UPDATE fills SET fee = 123456789 WHERE sequence = \(key)")
        #expect(
            try differences(scratch) == [
                RowDifference(
                    table: "fills", key: "\(key)", database: "fee=123456789",
                    journal: "fee=\(try #require(fee))")
            ])
    }

    @Test("Names a missing row and a made-up one", arguments: Table.all.map(\.name))
    func missing(_ name: String) throws {
        let scratch = try followed()
        let table = try #require(Table.all.first { $0.name == name })
        let key = table.key.joined(separator: "||' '||")
        let gone = try scratch.other().write { db in
            let gone = try String.fetchOne(
                db, sql: "SELECT \(key) FROM \(name) ORDER BY \(table.key[0]) DESC, 1 DESC")
            try db.execute(sql: "DELETE FROM \(name) WHERE \(key) = ?", arguments: [gone])
            return gone
        }
        let found = try differences(scratch)
        #expect(found.map(\.table) == [name])
        #expect(found.map(\.key) == [gone])
        #expect(found.first?.database == nil && found.first?.journal != nil)
    }

    @Test("Names a row that the journal does not have") func added() throws {
        let scratch = try followed()
        try scratch.execute(
            "INSERT INTO trading_states VALUES(999999, 1, 1, NULL, 'active', 'made up')")
        let found = try differences(scratch)
        #expect(found.map(\.key) == ["999999"])
        #expect(found.first?.journal == nil)
    }

    @Test("Counts all differences and lists the first ones") func many() throws {
        let scratch = try followed()
        try scratch.execute("UPDATE decisions SET value = value + 1")
        let report = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        #expect(report.shown.count == StoreCheck.longestList)
        #expect(report.differences > StoreCheck.longestList)
    }

    @Test("Compares a running bot's database up to what it has reached") func behind() throws {
        let scratch = try Scratch()
        let run = try RandomRun(scratch, seed: 22)
        try run.write(100)
        let follower = scratch.follower()
        try follower.run()
        try run.write(100)
        let report = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        #expect(report.isEqual)
        #expect(report.sequence == follower.sequence)
    }

    @Test("Says that there is none yet") func absent() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 23)
        let found = problem { () throws(StoreError) in
            _ = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        }
        #expect(found?.exitCode == 2)
        let report = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        #expect(report.rows["runs"] == 1)
        #expect(try differences(scratch).isEmpty)
    }

    @Test("Says that there is no journal") func noJournal() throws {
        let scratch = try Scratch()
        let found = problem { () throws(StoreError) in
            _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        }
        #expect(found == .journal(isDamaged: false, "no journal in \(scratch.journal)"))
        #expect(scratch.file.identity == nil)
    }
}
