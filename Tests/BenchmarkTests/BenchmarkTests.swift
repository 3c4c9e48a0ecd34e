// BenchmarkTests.swift — each subject with a tiny input: it runs, and comes to the same result
// again. Nothing here looks at a time.
import Benchmarks
import Foundation
import Testing

@Suite("Benchmarks", .serialized) struct BenchmarkTests {
    private func run(
        _ subjects: [BenchmarkSubject], seed: UInt64 = 1, data: String? = nil
    ) throws -> BenchmarkReport {
        var options = BenchmarkOptions()
        options.size = .tiny
        options.seed = seed
        options.data = data
        let report = try BenchmarkRun.run(subjects, options, command: "test")
        #expect(report.problems.isEmpty)
        return report
    }

    @Test("Every subject comes to the same result twice", arguments: BenchmarkSubject.allCases)
    func repeats(subject: BenchmarkSubject) throws {
        let first = try run([subject])
        let second = try run([subject])
        #expect(!first.results.isEmpty)
        #expect(first.results.map(\.hash) == second.results.map(\.hash))
        for row in first.results {
            #expect(row.subject == subject.rawValue)
            #expect(!row.operation.isEmpty && row.unit == "ns" && row.count > 0 && row.batch > 0)
            #expect(row.p50 <= row.p99 && row.p99 <= row.p999 && row.p999 <= row.max)
            #expect(row.max > 0)
            #expect(row.hash.count > 8)
        }
    }

    @Test(
        "Another seed is another result",
        arguments: [BenchmarkSubject.book, .decode, .gate, .lane])
    func followsSeed(subject: BenchmarkSubject) throws {
        let first = try run([subject]).results.map(\.hash)
        let second = try run([subject], seed: 2).results.map(\.hash)
        for (a, b) in zip(first, second) { #expect(a != b) }
    }

    @Test("Subjects that take turns come to the results that they come to alone")
    func takesTurns() throws {
        let together = try run([.book, .gate]).results.map(\.hash)
        let alone = try run([.book]).results.map(\.hash) + run([.gate]).results.map(\.hash)
        #expect(together == alone)
    }

    @Test("A run says what the machine itself needed, and what it is") func calibrates() throws {
        let report = try run([.gate])
        let names = report.calibrators.map(\.operation)
        #expect(names.prefix(3) == ["empty timed loop", "clock read", "system call (getppid)"])
        #expect(report.calibrators.allSatisfy { $0.max > 0 })
        #expect(report.machine.cores > 0)
        #expect(report.machine.kernel.hasPrefix("Linux"))
        #expect(report.machine.compiler.contains("Swift"))
        #expect(report.command == "test")
    }

    @Test("The JSON has every promised key, absent figures as null") func keys() throws {
        let data = try JSONEncoder().encode(try run([.gate]))
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for key in ["results", "calibrators", "machine", "command"] {
            #expect(document[key] != nil, "\(key)")
        }
        let row = try #require((document["results"] as? [[String: Any]])?.first)
        let keys = [
            "subject", "operation", "unit", "p50", "p99", "p999", "max", "count", "batch", "peers",
            "ratio", "floor", "hash", "cpu", "allocations",
        ]
        for key in keys { #expect(row[key] != nil, "\(key)") }
        #expect(row["floor"] is NSNull)
        #expect((row["peers"] as? [String: Any])?.isEmpty == true)
    }
}
