// BenchmarkRun.swift — a run: set up, warm up, rounds in turn, calibrators among them, report.
//
// Subjects take turns round by round, so that a slow minute of the machine falls on all of them.
import BenchmarkKernels
import Core
import Foundation

public enum BenchmarkRun {
    /// On the calling thread. `progress` hears what is being done.
    public static func run(
        _ subjects: [BenchmarkSubject], _ options: BenchmarkOptions, command: String,
        progress: (String) -> Void = { _ in }
    ) throws(BenchmarkError) -> BenchmarkReport {
        var machine = Machine.current()
        let folder = try TemporaryFolder()
        let calibrators = try Calibrators(options)
        var turns = Turns()
        for subject in subjects where subject != .latency {
            progress("setting up \(subject.rawValue)")
            turns.add { () throws(BenchmarkError) in try make(subject, options, folder) }
        }
        for round in 0...options.rounds {
            progress(round == 0 ? "warming up" : "round \(round) of \(options.rounds)")
            try calibrators.round(isWarmUp: round == 0)
            turns.round(isWarmUp: round == 0)
        }
        turns.finish(calibrators)
        if subjects.contains(.latency) {
            // Threads of its own, so it runs alone.
            progress("trading on the simulator")
            turns.addRows { () throws(BenchmarkError) in
                try LatencyBenchmark.run(options, try folder.path("latency"))
            }
        }
        machine.loadAfter = Machine.loadAverage()
        return BenchmarkReport(
            results: turns.rows, calibrators: try calibrators.rows(), machine: machine,
            command: command, seed: options.seed, rounds: options.rounds,
            overhead: Percentiles.rounded(calibrators.overhead),
            warnings: machine.warnings + calibrators.warnings, problems: turns.problems)
    }

    private static func make(
        _ subject: BenchmarkSubject, _ options: BenchmarkOptions, _ folder: TemporaryFolder
    ) throws(BenchmarkError) -> [any Benchmark] {
        switch subject {
        case .book: try BookBenchmarks.make(options)
        case .decode: try DecodeBenchmarks.make(options)
        case .gate: try GateBenchmarks.make(options)
        case .orders: try OrderBenchmarks.make(options)
        case .journal: try JournalBenchmarks.make(options, try folder.path("journal"))
        case .lane: [try LaneBenchmark(options, try folder.path("lane"))]
        case .durability:
            try Durability.allCases.map { mode throws(BenchmarkError) in
                try LaneBenchmark(
                    options, try folder.path("durability-\(mode.rawValue)"), durability: mode)
            }
        case .wire: try WireBenchmarks.make(options, try folder.path("wire"))
        case .latency: []
        }
    }
}

/// Benchmarks that take turns; one that fails leaves, the others go on.
private struct Turns {
    private var benchmarks: [any Benchmark] = []
    private(set) var rows: [BenchmarkRow] = []
    private(set) var problems: [String] = []

    mutating func add(_ make: () throws(BenchmarkError) -> [any Benchmark]) {
        do throws(BenchmarkError) {
            benchmarks += try make()
        } catch {
            problems.append(error.description)
        }
    }

    mutating func round(isWarmUp: Bool) {
        var remaining: [any Benchmark] = []
        for benchmark in benchmarks {
            do throws(BenchmarkError) {
                try benchmark.round(isWarmUp: isWarmUp)
                remaining.append(benchmark)
            } catch {
                problems.append(error.description)
            }
        }
        benchmarks = remaining
    }

    mutating func finish(_ calibrators: Calibrators) {
        for benchmark in benchmarks {
            addRows { () throws(BenchmarkError) in
                try benchmark.rows(
                    overhead: calibrators.overhead, reading: calibrators.reading)
            }
        }
        benchmarks = []
    }

    mutating func addRows(_ make: () throws(BenchmarkError) -> [BenchmarkRow]) {
        do throws(BenchmarkError) {
            rows += try make()
        } catch {
            problems.append(error.description)
        }
    }
}

/// Gone with everything in it when the run is over.
final class TemporaryFolder {
    private let url: URL

    init() throws(BenchmarkError) {
        let name = "needletail-bench-\(ProcessInfo.processInfo.processIdentifier)-"
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            name + UUID().uuidString)
        try TemporaryFolder.create(url)
    }

    deinit {
        // What cannot be removed stays in the temporary folder.
        try? FileManager.default.removeItem(at: url)
    }

    /// A folder of its own for one subject, 0700.
    func path(_ name: String) throws(BenchmarkError) -> String {
        try TemporaryFolder.make(url.path, name)
    }

    static func make(_ directory: String, _ name: String) throws(BenchmarkError) -> String {
        let folder = URL(fileURLWithPath: directory).appendingPathComponent(name)
        try create(folder)
        return folder.path
    }

    private static func create(_ url: URL) throws(BenchmarkError) {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw BenchmarkError("\(url.path) cannot be made: \(error.localizedDescription)")
        }
    }
}
