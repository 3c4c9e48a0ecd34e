import Core
import Foundation
import GRDB
import Glibc
import JournalFixture
import Testing

@testable import Store

@Suite("A database in trouble") struct StoreTroubleTests {
    @Test("Says that another process locks it, and catches up afterwards")
    func locked() throws {
        let scratch = try Scratch()
        let run = try RandomRun(scratch, seed: 1)
        try run.write(50)
        let follower = scratch.follower()
        try follower.run()
        let other = try scratch.other()
        try other.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        try run.write(5000)
        #expect(
            problem { () throws(StoreError) in _ = try follower.step() }
                == .locked(path: scratch.file.path))
        #expect(
            problem { () throws(StoreError) in _ = try follower.step() }
                == .locked(path: scratch.file.path))
        try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
        try follower.run()
        try expectWhole(scratch)
    }

    @Test("Says that there is no room, and catches up once there is")
    func full() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 2, records: 5000)
        let small = scratch.follower(maxBytes: 200_000)
        #expect(
            problem { () throws(StoreError) in try small.run() }
                == .full(path: scratch.file.path))
        try scratch.follower().run()
        try expectWhole(scratch)
    }

    @Test("Makes it anew when it is deleted under its feet")
    func deleted() throws {
        let scratch = try Scratch()
        let run = try RandomRun(scratch, seed: 3)
        try run.write(3000)
        let follower = scratch.follower()
        try follower.run()
        try FileManager.default.removeItem(atPath: scratch.file.folder)
        try follower.run()
        try expectWhole(scratch)
        try FileManager.default.removeItem(atPath: scratch.file.path)
        try run.write(100)
        try follower.run()
        try expectWhole(scratch)
    }

    @Test("Goes on with a file that a rebuild has put in its place")
    func rebuiltUnderneath() throws {
        let scratch = try Scratch()
        let run = try RandomRun(scratch, seed: 4)
        try run.write(3000)
        let follower = scratch.follower()
        try follower.run()
        try run.write(3000)
        _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        try run.write(3000)
        try follower.run()
        try expectWhole(scratch)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.file.folder)
                .allSatisfy { !$0.contains("new") })
    }

    @Test("Says that its folder cannot be written")
    func readOnlyFolder() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 5, records: 20)
        let replica = StoreFile(path: scratch.root + "/closed/needletail.sqlite")
        mkdir(replica.folder, 0o555)
        let follower = StoreFollower(journal: scratch.journal, file: replica)
        chmod(scratch.root, 0o755)
        openJournal(scratch)
        journal_fixture_use_files_as(65_534)
        let found = problem { () throws(StoreError) in _ = try follower.step() }
        journal_fixture_use_files_as(0)
        guard case .unavailable(replica.path, let reason)? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(reason.contains("ermission denied"))
        chmod(replica.folder, 0o700)
        try follower.run()
        #expect(follower.sequence > 20)
    }

    private func openJournal(_ scratch: Scratch) {
        chmod(scratch.journal, 0o777)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: scratch.journal)) ?? []
        for name in names { chmod(scratch.journal + "/" + name, 0o666) }
    }

    // MARK: Bad input: a named error, nothing changed

    @Test("Refuses another account's database by name")
    func foreign() throws {
        let scratch = try Scratch()
        let alien = try Scratch()
        try writeRun(scratch, seed: 6, account: 0xa1)
        try writeRun(alien, seed: 6, account: 0xb2)
        try alien.follower().run()
        try FileManager.default.copyItem(atPath: alien.file.folder, toPath: scratch.file.folder)
        let wanted = StoreError.foreign(
            path: scratch.file.path, found: String(repeating: "b2", count: 16),
            expected: String(repeating: "a1", count: 16))
        try expectRefused(scratch, wanted, exit: 3, rebuildMends: false)
    }

    @Test("Refuses the schema of a newer version, naming both")
    func newer() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 7)
        try scratch.follower().run()
        try scratch.execute("UPDATE meta SET schema = 99")
        try checkpoint(scratch)
        let wanted = StoreError.newer(path: scratch.file.path, found: 99, known: Schema.version)
        #expect(wanted.text.contains("99") && wanted.text.contains("\(Schema.version)"))
        try expectRefused(scratch, wanted, exit: 6, rebuildMends: true)
    }

    @Test("Refuses a file that is no database")
    func noDatabase() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 8)
        try place(scratch, Data("this is a shopping list, long enough for a page".utf8))
        let found = problem { () throws(StoreError) in _ = try scratch.follower().step() }
        guard case .damaged? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(found?.text.contains("store rebuild") == true)
        try expectRefused(scratch, try #require(found), exit: 6, rebuildMends: true)
    }

    @Test("Refuses a database of another program")
    func otherProgram() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 8)
        try place(scratch, Data())
        try scratch.execute("CREATE TABLE recipes(name TEXT)")
        try expectRefused(
            scratch,
            .damaged(path: scratch.file.path, "is no database of this program"), exit: 6,
            rebuildMends: true)
    }

    @Test("Finds damaged pages")
    func damagedPages() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 9, records: 3000)
        try scratch.follower().run()
        try checkpoint(scratch)
        let handle = try #require(FileHandle(forUpdatingAtPath: scratch.file.path))
        let size = try handle.seekToEnd()
        for page in stride(from: UInt64(4096 * 4), to: size, by: 4096 * 3) {
            try handle.seek(toOffset: page)
            try handle.write(contentsOf: Data(repeating: 0xff, count: 512))
        }
        try handle.close()
        let found = problem { () throws(StoreError) in
            _ = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        }
        guard case .damaged? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        try expectWhole(scratch)
    }

    @Test("Refuses a file that others may read")
    func openFile() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 10)
        try scratch.follower().run()
        chmod(scratch.file.path, 0o644)
        try expectRefused(
            scratch,
            .unavailable(
                path: scratch.file.path,
                "others may use it; run: chmod 600 \(scratch.file.path)"), exit: 2,
            rebuildMends: false)
    }

    @Test("Refuses a stale file, made from another journal of the account")
    func stale() throws {
        let scratch = try Scratch()
        let old = try Scratch()
        try writeRun(scratch, seed: 11, records: 300)
        try writeRun(old, seed: 12, records: 200)
        try old.follower().run()
        try checkpoint(old)
        try FileManager.default.copyItem(atPath: old.file.folder, toPath: scratch.file.folder)
        try expectRefused(
            scratch,
            .notThisJournal(path: scratch.file.path, "was made from another journal"), exit: 6,
            rebuildMends: true)
    }

    @Test("Refuses a file that is ahead of its journal")
    func ahead() throws {
        let scratch = try Scratch()
        let old = try Scratch()
        try writeRun(scratch, seed: 11, records: 100)
        try writeRun(old, seed: 11, records: 400)
        try old.follower().run()
        try checkpoint(old)
        try FileManager.default.copyItem(atPath: old.file.folder, toPath: scratch.file.folder)
        let found = problem { () throws(StoreError) in try scratch.follower().run() }
        guard case .notThisJournal? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        try expectWhole(scratch)
    }

    @Test("Says which record of the journal is damaged, and keeps what came before")
    func damagedJournal() throws {
        let scratch = try Scratch()
        try writeRun(scratch, seed: 13, records: 100)
        let segment = scratch.journal + "/00000000000000000001.ntj"
        let handle = try #require(FileHandle(forUpdatingAtPath: segment))
        try handle.seek(toOffset: 12_000)
        try handle.write(contentsOf: Data(repeating: 0x5a, count: 64))
        try handle.close()
        let follower = scratch.follower()
        let found = problem { () throws(StoreError) in try follower.run() }
        guard case .journal(isDamaged: true, let text)? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(text.contains("damaged at offset"))
        #expect(follower.sequence > 10)
        #expect(
            problem { () throws(StoreError) in
                _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
            }?.exitCode == 6)
    }

    // MARK: Helpers

    private func expectWhole(_ scratch: Scratch) throws {
        let report = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
        #expect(report.isEqual, "\(report.shown.map(\.text))")
        let replica = try JournalReplica(directory: scratch.journal)
        while try replica.read(most: 1000, { _ in }) > 0 {}
        #expect(report.sequence == replica.sequence)
    }

    /// Following, checking and, where it cannot mend, rebuilding say `wanted` and leave the file.
    private func expectRefused(
        _ scratch: Scratch, _ wanted: StoreError, exit: Int32, rebuildMends: Bool
    ) throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.file.path))
        #expect(problem { () throws(StoreError) in try scratch.follower().run() } == wanted)
        #expect(
            problem { () throws(StoreError) in
                _ = try StoreCheck.run(journal: scratch.journal, file: scratch.file)
            } == wanted)
        #expect(wanted.exitCode == exit)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file.path)) == before)
        let rebuilt = problem { () throws(StoreError) in
            _ = try StoreRebuild.run(journal: scratch.journal, file: scratch.file)
        }
        if rebuildMends {
            #expect(rebuilt == nil)
            try expectWhole(scratch)
        } else {
            #expect(rebuilt == wanted)
            #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.file.path)) == before)
        }
    }

    private func place(_ scratch: Scratch, _ content: Data) throws {
        mkdir(scratch.file.folder, 0o700)
        try content.write(to: URL(fileURLWithPath: scratch.file.path))
        chmod(scratch.file.path, 0o600)
    }

    private func checkpoint(_ scratch: Scratch) throws {
        try scratch.other().writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }
}
