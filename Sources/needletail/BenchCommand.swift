// BenchCommand.swift — `needletail bench`: figures of this program on this machine.
import ArgumentParser
import Benchmarks
import Bot
import Foundation
import Glibc

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures parts of the program on this machine.",
        discussion: """
            SUBJECT is one or more of book, decode, gate, orders, journal, lane, durability, wire,
            latency, or all.
            `bench list` says what each measures; docs/benchmarking.md says how.
            Percentiles are nanoseconds of one operation, over means of `batch` operations.
            Exit codes: 0 measured, 1 a subject failed or came to different results, 2 usage.
            Examples:
              needletail bench list
              needletail bench book decode --json
            """)

    @Argument(help: "What to measure; `list` names the subjects, `all` takes every one.")
    var subjects: [String]
    @Option(
        help: "book: replay this recorded Binance capture as well, plain or .gz.",
        completion: .file())
    var data: String?
    @Option(help: "Operations per clock reading; default: each subject's own.")
    var batch: Int?
    @Option(help: "Seed of everything that is generated.")
    var seed: UInt64 = 1
    @Flag(help: "A rough look: fewer rounds, fewer samples.")
    var quick = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        _ = try chosen()
        if let batch, !(1...4096).contains(batch) {
            throw ValidationError("--batch is 1 to 4096.")
        }
    }

    /// Nil: the list is wanted.
    private func chosen() throws -> [BenchmarkSubject]? {
        if subjects == ["list"] { return nil }
        if subjects == ["all"] { return BenchmarkSubject.allCases }
        let names = BenchmarkSubject.allCases.map(\.rawValue).joined(separator: ", ")
        let wanted = try subjects.map { name in
            guard let subject = BenchmarkSubject(rawValue: name) else {
                throw ValidationError("There is no subject \(name); there is: \(names), all.")
            }
            return subject
        }
        guard data == nil || wanted.contains(.book) else {
            throw ValidationError("--data goes with the subject book.")
        }
        return BenchmarkSubject.allCases.filter(wanted.contains)
    }

    func run() throws {
        guard let chosen = try chosen() else { return try list() }
        if let data, !FileManager.default.isReadableFile(atPath: data) {
            throw CommandFailure(
                2, "\(data) cannot be read; name a recorded capture", isJSON: common.json)
        }
        let progress = BenchProgress()
        let report: BenchmarkReport
        do throws(BenchmarkError) {
            report = try BenchmarkRun.run(
                chosen, options, command: commandLine, progress: progress.show)
        } catch {
            progress.clear()
            throw CommandFailure(1, error.description, isJSON: common.json)
        }
        progress.clear()
        for warning in report.warnings { Output.error("needletail: \(warning)") }
        if common.json {
            try Output.json(report)
        } else {
            Output.lines(BenchTable.lines(report))
        }
        for problem in report.problems { Output.error("needletail: \(problem)") }
        guard report.problems.isEmpty else { throw ExitCode(1) }
    }

    private var options: BenchmarkOptions {
        var options = BenchmarkOptions()
        options.size = quick ? .quick : .full
        options.seed = seed
        options.batch = batch
        options.data = data
        return options
    }

    /// As typed; of the program its name alone.
    private var commandLine: String {
        (["needletail"] + CommandLine.arguments.dropFirst()).joined(separator: " ")
    }

    private func list() throws {
        if common.json {
            try Output.json(BenchmarkSubject.allCases.map(BenchListing.init))
        } else {
            var table = Table("subject", "measures")
            for subject in BenchmarkSubject.allCases {
                table.add(subject.rawValue, subject.summary)
            }
            Output.lines(table.lines)
        }
    }
}

private struct BenchListing: Encodable {
    let subject: String
    let measures: String

    init(_ subject: BenchmarkSubject) {
        self.subject = subject.rawValue
        measures = subject.summary
    }
}

/// A report for people.
private enum BenchTable {
    static func lines(_ report: BenchmarkReport) -> [String] {
        var table = Table(
            "subject", "operation", ">p50", ">p99", ">p99.9", ">max", ">cpu", ">floor",
            ">batch",
            ">count", "hash")
        for row in report.results { add(row, to: &table) }
        for row in report.calibrators { add(row, to: &table) }
        let machine = report.machine
        var lines = table.lines
        lines += ["", "nanoseconds of one operation; cpu: this thread's, median of rounds"]
        if let allocations = report.results.compactMap(\.allocations).max() {
            lines.append("heap allocations of the lane: \(allocations)")
        }
        let load = String(format: "%.2f to %.2f", machine.loadBefore, machine.loadAfter)
        lines += [
            "\(machine.cpu), \(machine.cores) cores, \(machine.kernel) "
                + "\(machine.architecture), load \(load)",
            "\(machine.compiler); \(machine.flags); commit \(machine.commit ?? "unknown")",
            "seed \(report.seed), \(report.rounds) rounds, "
                + "\(number(report.overhead)) ns taken off each batch for the clock",
            report.command,
        ]
        return lines
    }

    private static func add(_ row: BenchmarkRow, to table: inout Table) {
        table.add(
            row.subject, row.operation, number(row.p50), number(row.p99), number(row.p999),
            number(row.max), row.cpu.map(number) ?? "-", row.floor.map(number) ?? "-",
            String(row.batch), String(row.count), row.hash)
    }

    private static func number(_ value: Double) -> String {
        String(format: value < 1000 ? "%.1f" : "%.0f", value)
    }
}

/// Says on a terminal what is being done.
private final class BenchProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func show(_ text: String) {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text)".utf8))
    }

    func clear() {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K".utf8))
    }
}
