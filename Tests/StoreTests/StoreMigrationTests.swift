import Foundation
import GRDB
import Testing

@testable import Store

@Suite("Older schemas") struct StoreMigrationTests {
    /// A file as a program of that version left it: its tables, filled from the journal so far.
    private func makeOld(_ scratch: Scratch, version: Int) throws {
        let model = try Scratch()
        let modern = StoreFile(dataDirectory: model.root)
        _ = try StoreRebuild.run(journal: scratch.journal, file: modern)
        try scratch.file.make()
        let old = try scratch.other()
        try Schema.migrator.migrate(old, upTo: String(version))
        try old.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS modern", arguments: [modern.path])
            for name in Table.all.map(\.name) + ["meta"] {
                let columns = try db.columns(in: name).map(\.name).joined(separator: ",")
                try db.execute(
                    sql: "INSERT INTO \(name)(\(columns)) SELECT \(columns) FROM modern.\(name)")
            }
            try db.execute(sql: "UPDATE meta SET schema = \(version)")
        }
    }

    @Test("Are brought up to date and go on equal, row for row", arguments: 1..<Schema.version)
    func migrates(_ version: Int) throws {
        let scratch = try Scratch()
        var run: RandomRun? = try RandomRun(scratch, seed: 41)
        try run?.write(400)
        run = nil
        try makeOld(scratch, version: version)
        let old = try scratch.other().read { db in
            (try Schema.version(db), try db.columns(in: "equity").map(\.name))
        }
        #expect(old.0 == version)
        #expect(old.1.contains("source") == (version > 1))
        try writeRun(scratch, seed: 42, records: 100)
        let early = problem { () throws(StoreError) in
            _ = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        }
        #expect(early?.text.contains("older schema \(version)") == true)

        try scratch.follower().run()
        #expect(try scratch.other().read { try Schema.version($0) } == Schema.version)
        let report = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        #expect(report.isEqual, "\(report.shown.map(\.text))")
        let followed = try dump(scratch.file.path)
        _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        #expect(try dump(scratch.file.path) == followed)
        #expect(followed.contains { $0.hasPrefix("equity") && $0.contains("\"lane\"") })
    }

    @Test("Makes one whose making was interrupted") func interrupted() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 43)
        try scratch.file.make()
        try scratch.execute("CREATE TABLE grdb_migrations(identifier TEXT NOT NULL PRIMARY KEY)")
        try scratch.follower().run()
        #expect(try StoreCheck.run(journal: scratch.journal, file: scratch.file).isEqual)
    }

    @Test("Are as many as the newest schema's number") func count() {
        #expect(Schema.migrator.migrations == (1...Schema.version).map(String.init))
    }
}
