// JournalFormatsTests.swift — journals of every format there was are read alike, for ever.
//
// `journals/` holds what `JournalFixture` wrote from the same seeds, with rings of 32 KiB and
// segments of 16 KiB: by the last program that wrote format 1, and by the first that wrote format
// 2. `stopped` ended cleanly; `killed` and `torn` died with eight records in the ring only, and the
// last segment of `torn` has a hundred bytes of nonsense behind its records.
import Core
import Foundation
import JournalFixture
import Testing

@testable import Bot

@Suite("Journals of all formats") struct JournalFormatsTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("journals").path

    struct Expected: Sendable {
        var name: String
        var records: UInt64
        var fromRing: UInt64
        var tornBytes: UInt64
        var chain: String
        var stateHash: String
    }

    static let all = [
        Expected(
            name: "stopped", records: 138, fromRing: 0, tornBytes: 0,
            chain: "f64799d9cf3784222da2ccd25c23728b", stateHash: "4d8184bf17ee69d6"),
        Expected(
            name: "killed", records: 143, fromRing: 8, tornBytes: 0,
            chain: "706b39df730dd043db2267d342ed550c", stateHash: "a6c92c9a490bdc25"),
        Expected(
            name: "torn", records: 143, fromRing: 8, tornBytes: 100,
            chain: "da902a4704d701da4df7ba7c41c5e445", stateHash: "25d6992ec9b37d5d"),
    ]

    /// A copy that may be changed.
    private func copy(_ name: String) throws -> (folder: TemporaryFolder, journal: String) {
        let folder = try TemporaryFolder()
        let journal = folder.path + "/journal"
        try FileManager.default.copyItem(atPath: "\(Self.folder)/\(name)", toPath: journal)
        return (folder, journal)
    }

    @Test("Are read alike, and replay to the same state", arguments: [1, 2], all)
    func readAlike(_ format: Int, _ expected: Expected) throws {
        let path = "\(Self.folder)/format-\(format)/\(expected.name)"
        let found = try JournalVerification.of(path)
        #expect(found.isWhole && found.problem == nil)
        #expect(found.records == expected.records && found.fromRing == expected.fromRing)
        #expect(found.tornBytes == expected.tornBytes)
        #expect(found.isCleanlyStopped == (expected.name == "stopped"))
        #expect(found.chain == expected.chain)
        let replay = try JournalReplay.of(path)
        #expect(replay.isRepeatable && replay.stateHash == expected.stateHash)
    }

    @Test("Are gone on with by a start", arguments: [1, 2], all)
    func goneOnWith(_ format: Int, _ expected: Expected) throws {
        let (folder, journal) = try copy("format-\(format)/\(expected.name)")
        defer { withExtendedLifetime(folder) {} }
        let first = "\(journal)/\(try #require(JournalFiles.segments(journal).first))"
        let before = FileManager.default.contents(atPath: first)
        let run = try #require(journal_fixture_open(journal, 1, 1, 2))
        try #require(journal_fixture_run(run, 100))
        journal_fixture_close(run)
        let found = try JournalVerification.of(journal)
        #expect(found.isWhole && found.tornBytes == 0 && found.fromRing == 0)
        #expect(found.records > expected.records + 100 && found.lastEpoch == 3)
        #expect(FileManager.default.contents(atPath: first) == before)
        // Its older records are what they were.
        var old = JournalDump()
        old.to = expected.records
        var (now, then): ([String], [String]) = ([], [])
        try old.run(journal) { now.append($0.text) }
        try old.run("\(Self.folder)/format-\(format)/\(expected.name)") { then.append($0.text) }
        #expect(now == then && now.count == Int(expected.records))
    }
}
