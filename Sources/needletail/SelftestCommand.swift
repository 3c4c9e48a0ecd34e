// SelftestCommand.swift — `needletail selftest`: seeded lives of the whole, on this machine.
import ArgumentParser
import Benchmarks
import Bot
import Foundation
import Synchronization
import World

struct SelftestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Lets network, venue, disk, clock and operator fail, and checks every promise.",
        discussion: """
            Each seed is a life of the real lane, journal and accounts in virtual time, with faults
            that the seed draws; docs/world.md says which, and what is checked. Nothing is sent
            anywhere and no file is written. A seed that fails prints the command that repeats it.
            What only a source tree can find out (planted bugs, crash images, coverage and more) is
            of the last `make test-full`, marked as recorded, with its commit and date.
            Exit codes: 0 nothing forbidden happened, 1 something did, 2 usage.
            Examples:
              needletail selftest --seeds 100
              needletail selftest --seed 7 --trace
            """)

    @Option(help: "How many seeds.")
    var seeds = 500
    @Option(help: "The first of them.")
    var first: UInt64 = 1
    @Option(help: "This seed alone.")
    var seed: UInt64?
    @Option(help: "Market events of each life while faults last.")
    var events = 2000
    @Option(help: "Faults of each life.")
    var faults = 24
    @Flag(help: "With --seed: tell its life on standard error.")
    var trace = false
    @Option(help: "Print the figures that `make test-full` left in this file; live nothing.")
    var figures: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (1...10_000_000).contains(seeds) else {
            throw ValidationError("--seeds is 1 to 10000000.")
        }
        guard first <= UInt64.max / 2 else { throw ValidationError("--first is below 2^63.") }
        guard (100...1_000_000).contains(events) else {
            throw ValidationError("--events is 100 to 1000000.")
        }
        guard (0...10_000).contains(faults) else {
            throw ValidationError("--faults is 0 to 10000.")
        }
        if trace, seed == nil { throw ValidationError("--trace goes with --seed.") }
    }

    func run() throws {
        let sheet = try figures.map { try recorded($0) } ?? lived()
        if common.json { try Output.json(sheet) } else { Output.lines(sheet.table) }
        if !sheet.violations.isEmpty { throw ExitCode(1) }
    }

    private func lived() -> FigureSheet {
        let began = DispatchTime.now().uptimeNanoseconds
        let lives = seed.map { [$0] } ?? (first..<first + UInt64(seeds)).map { $0 }
        let found = Lives(lives) { seed in live(seed) }
        found.run(progress: !common.json && isatty(STDERR_FILENO) != 0)
        let wall = Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
        return FigureSheet(
            version: needletailVersion, commit: Machine.commit(),
            found.reports, seeds: lives, wall: wall, .held())
    }

    private func recorded(_ file: String) throws -> FigureSheet {
        guard let data = FileManager.default.contents(atPath: file),
            let figures = RecordedFigures.read(data),
            let sheet = FigureSheet(ofFull: figures)
        else {
            throw CommandFailure(
                2, "\(file) holds no figures of `make test-full` with seeded lives",
                isJSON: common.json)
        }
        return sheet
    }

    private func live(_ seed: UInt64) -> WorldReport {
        var options = WorldOptions(seed: seed)
        options.events = events
        options.faults = faults
        if trace { options.trace = { Output.error($0) } }
        do {
            return try World.run(options)
        } catch {
            var report = WorldReport()
            report.violations = ["the life could not be lived: \(error)"]
            return report
        }
    }
}

/// Lives seeds on all cores; the result does not depend on how many there are.
private final class Lives: Sendable {
    private struct Work {
        var next = 0
        var reports: [WorldReport]
    }

    private let seeds: [UInt64]
    private let live: @Sendable (UInt64) -> WorldReport
    private let work: Mutex<Work>

    init(_ seeds: [UInt64], _ live: @escaping @Sendable (UInt64) -> WorldReport) {
        self.seeds = seeds
        self.live = live
        work = Mutex(Work(reports: .init(repeating: WorldReport(), count: seeds.count)))
    }

    var reports: [WorldReport] { work.withLock { $0.reports } }

    func run(progress: Bool) {
        let cores = min(ProcessInfo.processInfo.activeProcessorCount, seeds.count)
        DispatchQueue.concurrentPerform(iterations: cores) { _ in
            while let place = take() {
                let report = live(seeds[place])
                work.withLock { $0.reports[place] = report }
                if progress { FileHandle.standardError.write(Data(line(place).utf8)) }
            }
        }
        if progress { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    }

    private func take() -> Int? {
        work.withLock { work in
            guard work.next < seeds.count else { return nil }
            work.next += 1
            return work.next - 1
        }
    }

    private func line(_ place: Int) -> String { "\r\u{1b}[Kseed \(place + 1) of \(seeds.count)" }
}
