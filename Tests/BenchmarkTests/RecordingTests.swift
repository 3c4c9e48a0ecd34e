// RecordingTests.swift — the book benchmark on a recording, and on what is none.
import Benchmarks
import Foundation
import TestKit
import Testing

@Suite("Benchmark on a recording") struct RecordingTests {
    private let folder: TemporaryDirectory

    private let path: String

    init() throws {
        folder = try TemporaryDirectory()
        path = folder.path("recording") + "/capture"
    }

    private static let recording = """
        1000 {"lastUpdateId":100,"bids":[["99.00","1.0"],["98.00","2.0"]],"asks":[["101.00","1.0"]]}
        1001 {"stream":"abcusdt@depth","data":{"e":"depthUpdate","E":1700000000000,"s":"ABCUSDT",\
        "U":90,"u":99,"b":[["97.00","1.0"]],"a":[]}}
        1002 {"stream":"abcusdt@depth","data":{"e":"depthUpdate","E":1700000000100,"s":"ABCUSDT",\
        "U":100,"u":102,"b":[["99.50","3.0"]],"a":[["101.00","0.0"],["102.00","1.5"]]}}
        1003 {"stream":"abcusdt@depth","data":{"e":"depthUpdate","E":1700000000200,"s":"ABCUSDT",\
        "U":103,"u":103,"b":[["99.50","0.0"]],"a":[]}}

        """

    private func measure(_ text: String, gzip: Bool = false) throws -> [BenchmarkRow] {
        try report(text, gzip: gzip).results
    }

    private func report(_ text: String, gzip: Bool = false) throws -> BenchmarkReport {
        var path = self.path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        if gzip {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["gzip", path]
            try process.run()
            process.waitUntilExit()
            path += ".gz"
        }
        var options = BenchmarkOptions()
        options.size = .tiny
        options.data = path
        return try BenchmarkRun.run([.book], options, command: "test")
    }

    @Test("Measures its depth updates, older ones than the snapshot left out")
    func measuresRecording() throws {
        let row = try #require(try measure(Self.recording).last)
        #expect(row.operation == "depth, recorded ABCUSDT (3 changes)")
        #expect(row.count > 0)
    }

    @Test("A compressed recording is the same recording") func readsCompressed() throws {
        let plain = try measure(Self.recording).map(\.hash)
        let compressed = try measure(Self.recording, gzip: true).map(\.hash)
        #expect(plain == compressed)
    }

    @Test("A changed level changes the result") func seesChange() throws {
        let first = try #require(try measure(Self.recording).last)
        let text = Self.recording.replacingOccurrences(of: "\"1.5\"", with: "\"1.6\"")
        let second = try #require(try measure(text).last)
        #expect(first.hash != second.hash)
    }

    @Test(
        "What is no capture is named as the problem; the rest of the report is there",
        arguments: ["", "1 {}\n", "no\nlines\n"])
    func refusesOthers(text: String) throws {
        let report = try report(text)
        let problem = try #require(report.problems.first)
        #expect(problem.contains(path) && problem.contains("capture?"))
        #expect(report.results.isEmpty)
        #expect(!report.calibrators.isEmpty)
    }
}
