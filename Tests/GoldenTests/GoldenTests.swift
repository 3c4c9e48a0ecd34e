// GoldenTests.swift — our numbers against those of others.
import Foundation
import Golden
import Testing

/// The folder of tests that read more than the project has; nil where it is not there.
private let shared: String? = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    let path = folder.deletingLastPathComponent().appendingPathComponent("shared/golden").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
}()

private let own =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("reference").path

@Suite("Golden numbers") struct GoldenTests {
    @Test("TA-Lib on a walk, with usual and drawn parameters")
    func walk() throws {
        let report = try GoldenFolder(own).check()
        #expect(report.files.map(\.file) == ["ta_walk_expected.csv"])
        #expect(report.cases > 25_000)
        for file in report.files { #expect(file.firstMismatch == nil) }
        #expect(report.matched == report.cases)
    }

    @Test(
        "Every column of the shared reference files",
        .enabled(if: shared != nil, "skipped: no shared/golden beside the project"))
    func others() throws {
        let report = try GoldenFolder(try #require(shared)).check()
        #expect(report.files.contains { $0.file == "ta_goog_daily_expected.csv" })
        for file in report.files { #expect(file.firstMismatch == nil, "\(file.file)") }
        #expect(report.matched == report.cases)
    }

    @Test("A value that differs is named, with its row")
    func mismatch() throws {
        let folder = NSTemporaryDirectory() + "golden-\(getpid())"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.copyItem(atPath: own, toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/ta_walk_expected.csv"
        var rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let first = rows[0].split(separator: ",")
        var cells = rows[100].split(separator: ",", omittingEmptySubsequences: false)
        cells[1] = "1"
        rows[100] = Substring(cells.joined(separator: ","))
        try rows.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let report = try GoldenFolder(folder).check()
        #expect(report.matched == report.cases - 1)
        let said = try #require(report.files[0].firstMismatch)
        #expect(said.hasPrefix("\(first[1]) at row 99: "))
        #expect(said.hasSuffix("wanted 1.0"))
    }

    @Test("A folder that is not there is named")
    func missing() {
        #expect(throws: GoldenError.self) { try GoldenFolder("/nonexistent").check() }
    }
}
