import Core
import Foundation
import JournalFixture
import Testing

@testable import Bot

@Suite("What the journal's commands find") struct JournalInspectionTests {
    /// A journal of two runs, drawn at random.
    private func journal(_ seed: UInt64 = 7) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (run, records) in [(UInt64(1), UInt32(700)), (2, 40)] {
            let handle = try #require(journal_fixture_open(folder.path, seed + run, 1, 2))
            try #require(journal_fixture_run(handle, records))
            try #require(journal_fixture_stop(handle))
            journal_fixture_close(handle)
        }
        return folder
    }

    private func damage(_ folder: TemporaryFolder, at offset: UInt64) throws {
        let segment = try #require(JournalFiles.segments(folder.path).first)
        let file = try FileHandle(
            forUpdating: URL(fileURLWithPath: "\(folder.path)/\(segment)"))
        try file.seek(toOffset: offset)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: offset)
        try file.write(contentsOf: [byte ^ 1])
        try file.close()
    }

    @Test("A whole journal verifies; its figures add up") func whole() throws {
        let folder = try journal()
        let found = try JournalVerification.of(folder.path)
        #expect(found.isWhole && found.isCleanlyStopped)
        #expect(found.records == found.lastSequence && found.lastEpoch == 2)
        #expect(found.problem == nil && found.damage == nil)
        let figures = try JournalFigures.of(folder.path)
        #expect(figures.records == found.records)
        #expect(figures.kinds.reduce(0) { $0 + $1.records } == Int(found.records))
        #expect(figures.firstSequence == 1 && figures.lastSequence == found.lastSequence)
        #expect(figures.firstEpoch == 1 && figures.lastEpoch == 2)
        #expect(figures.kinds.first { $0.kind == "stop" }?.records == 2)
        #expect(figures.segments.first?.file == "00000000000000000001.ntj")
    }

    @Test("Damage is named with file and offset, and counted up to it") func damaged() throws {
        let folder = try journal()
        let whole = try JournalVerification.of(folder.path)
        try damage(folder, at: 4096 + 5000)
        let found = try JournalVerification.of(folder.path)
        #expect(!found.isWhole)
        let place = try #require(found.damage)
        #expect(place.file == "00000000000000000001.ntj")
        #expect(place.offset <= 4096 + 5000 && place.offset + 1072 > 4096 + 5000)
        #expect(place.record == found.records + 1 && found.records < whole.records)
        #expect(found.problem?.contains("damaged at offset \(place.offset)") == true)
        #expect(try JournalFigures.of(folder.path).problem != nil)
        #expect(problem { () throws(JournalError) in _ = try JournalReplay.of(folder.path) } == 6)
        var lines = 0
        let dump = problem { () throws(JournalError) in
            try JournalDump().run(folder.path) { _ in lines += 1 }
        }
        #expect(dump == 6 && lines == Int(found.records))
    }

    @Test("A repair cuts at the damage when told to, and keeps what it takes away") func repair()
        throws
    {
        let folder = try journal()
        let path = folder.path
        #expect(try JournalMending.run(path, isAgreed: false, time: 0).found == "none")
        let whole = try JournalVerification.of(path)
        try damage(folder, at: 4096 + 5000)
        let damaged = try JournalVerification.of(path)
        let refused = problem { () throws(JournalError) in
            _ = try JournalMending.run(path, isAgreed: false, time: 0)
        }
        #expect(refused == 6)
        #expect(try JournalVerification.of(path).problem == damaged.problem)
        let mended = try JournalMending.run(path, isAgreed: true, time: 0)
        #expect(mended.found == "damage" && mended.damage == damaged.damage)
        #expect(mended.records == damaged.records && mended.records < whole.records)
        let kept = try #require(mended.kept)
        #expect(FileManager.default.fileExists(atPath: "\(kept)/ring.ntr"))
        #expect(JournalFiles.segments(kept).first == damaged.damage?.file)
        let after = try JournalVerification.of(path)
        #expect(after.isWhole && after.lastEpoch > whole.lastEpoch)
        let run = try #require(journal_fixture_open(path, 5, 1, 2))
        let inUse = problem { () throws(JournalError) in
            try damage(after: path)
            _ = try JournalMending.run(path, isAgreed: true, time: 9_000_000)
        }
        journal_fixture_close(run)
        #expect(inUse == 75)
    }

    /// Nonsense behind the records, as a torn write leaves it.
    private func damage(after path: String) throws(JournalError) {
        do {
            let end = try #require(try JournalVerification.of(path).end)
            let file = try FileHandle(
                forUpdating: URL(fileURLWithPath: "\(path)/\(end.file)"))
            try file.seek(toOffset: end.offset + 2048)
            try file.write(contentsOf: Data(repeating: 7, count: 9))
            try file.close()
        } catch {
            Issue.record(error)
        }
    }

    private func problem(_ body: () throws(JournalError) -> Void) -> Int32? {
        do throws(JournalError) {
            try body()
            return nil
        } catch {
            return error.exitCode
        }
    }

    @Test("Every record is a line that says what it means") func dump() throws {
        let folder = try journal()
        var lines: [JournalLine] = []
        try JournalDump().run(folder.path) { lines.append($0) }
        #expect(lines.map(\.sequence) == Array(1...UInt64(lines.count)))
        let fill = try #require(lines.first { $0.says["evidence"] == "fill" })
        #expect(fill.kind == "report" && fill.says["counted"] == "yes")
        #expect(fill.says["symbol"]?.hasPrefix("#") == false)
        #expect(Double(fill.says["price"] ?? "") != nil)
        #expect(lines.filter { $0.kind == "verdict" }.allSatisfy { $0.says["verdict"] != nil })
        #expect(lines.allSatisfy { $0.says.values.allSatisfy { $0 != "unknown" } })
        var some: [JournalLine] = []
        var wanted = JournalDump()
        (wanted.from, wanted.to, wanted.kind) = (10, 400, "report")
        try wanted.run(folder.path) { some.append($0) }
        #expect(!some.isEmpty)
        #expect(some.allSatisfy { (10...400).contains($0.sequence) && $0.kind == "report" })
    }

    @Test("A replay gives the same state twice, and another journal another") func replay() throws {
        let folder = try journal()
        let first = try JournalReplay.of(folder.path)
        #expect(first.isRepeatable && first.stateHash.count == 16)
        #expect(try JournalReplay.of(folder.path).stateHash == first.stateHash)
        #expect(first.positions.count == 2)
        #expect(first.positions.contains { $0.fills > 0 })
        #expect(first.orders.values.reduce(0, +) > 0)
        let other = try journal(99)
        #expect(try JournalReplay.of(other.path).stateHash != first.stateHash)
    }

    @Test("No journal, and one that may not be read, are named") func missing() throws {
        let folder = try TemporaryFolder()
        let nowhere = folder.path + "/none"
        #expect(problem { () throws(JournalError) in _ = try JournalFigures.of(nowhere) } == 2)
        #expect(
            problem { () throws(JournalError) in _ = try JournalVerification.of(nowhere) } == 2)
    }
}
