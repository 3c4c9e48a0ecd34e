// BookCommand.swift — `needletail book replay`: recorded book messages through the core's book.
import ArgumentParser
import Binance
import Bot
import Core
import Foundation
import Glibc

struct BookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "book", abstract: "The order book.", subcommands: [BookReplay.self])
}

enum ReplayFormat: String, ExpressibleByArgument, CaseIterable {
    case lobster
    case binanceCapture = "binance-capture"
}

enum ReplayProduct: String, ExpressibleByArgument, CaseIterable {
    case auto
    case spot
    case usdm
    case coinm

    /// Nil: what the messages look like.
    var product: BinanceCodec.Product? { BinanceCodec.Product(rawValue: rawValue) }
}

struct BookReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Feeds recorded book messages through the book and checks every row.",
        discussion: """
            lobster: FILE holds messages, --check names its orderbook file; each row is compared.
            Levels that the files cannot determine are counted apart.
            binance-capture: lines of receive time in nanoseconds and JSON. After each applied
            depth update with last id u, the best levels equal the bookTicker with the greatest
            id up to u.
            Plain files or .gz. Exit codes: 0 all rows agree, 1 a row differs or nothing could be
            checked, 2 usage or an unreadable file.
            Examples:
              needletail book replay capture.gz --format binance-capture
              needletail book replay message.csv --format lobster --check orderbook.csv --levels 5
            """)

    @Argument(help: "The recording, plain or .gz.", completion: .file())
    var file: String
    @Option(help: "What the recording is: lobster or binance-capture.")
    var format: ReplayFormat
    @Option(help: "lobster: the orderbook file to compare with.", completion: .file())
    var check: String?
    @Option(help: "lobster: levels per side to compare; default: all.")
    var levels: Int?
    @Option(help: "binance-capture: spot, usdm, coinm, or auto.")
    var product = ReplayProduct.auto
    @OptionGroup var common: CommonOptions

    func validate() throws {
        switch format {
        case .lobster:
            guard check != nil else {
                throw ValidationError(
                    "lobster needs --check ORDERBOOK.csv: the book starts from its first row.")
            }
            guard product == .auto else {
                throw ValidationError("--product goes with --format binance-capture.")
            }
        case .binanceCapture:
            guard check == nil else {
                throw ValidationError(
                    "--check goes with --format lobster; a capture is checked by its bookTicker.")
            }
            guard levels ?? 1 == 1 else {
                throw ValidationError("--levels 1 is all that a capture's bookTicker can check.")
            }
        }
    }

    func run() throws {
        let progress = ProgressLine()
        let report: ReplayReport
        do throws(ReplayError) {
            report = try replay(progress)
        } catch {
            progress.clear()
            throw CommandFailure(2, error.description, isJSON: common.json)
        }
        progress.clear()
        try show(report)
    }

    private func replay(_ progress: ProgressLine) throws(ReplayError) -> ReplayReport {
        switch format {
        case .lobster:
            try LobsterReplay.run(
                file, check: check ?? "", levels: levels, clock: .system, progress: progress.show)
        case .binanceCapture:
            try BinanceCaptureReplay.run(
                file, product: product.product, clock: .system, progress: progress.show)
        }
    }

    private func show(_ report: ReplayReport) throws {
        if common.json { try Output.json(report) } else { Output.lines(BookReplay.lines(report)) }
        if let problem = report.problem {
            let nothing = report.rowsChecked == 0 ? "; nothing was checked" : ""
            Output.error("needletail: \(report.file): \(problem)\(nothing)")
        }
        guard report.isClean else { throw ExitCode(1) }
    }

    private static func lines(_ report: ReplayReport) -> [String] {
        var table = Table("what", ">count")
        table.add("messages", String(report.messages))
        table.add("rows checked", String(report.rowsChecked))
        table.add("levels compared", String(report.levelsCompared))
        table.add("mismatches", String(report.mismatches))
        table.add("undetermined", String(report.undetermined))
        table.add("gaps", String(report.gaps))
        table.add("ns per message", String(report.nanosecondsPerMessage))
        for note in report.notes.sorted(by: { $0.key < $1.key }) {
            table.add(note.key.replacing("_", with: " "), String(note.value))
        }
        let subject = report.subject.isEmpty ? "" : ", \(report.subject)"
        var lines = ["\(report.file): \(report.format)\(subject)"] + table.lines
        if let mismatch = report.firstMismatch { lines.append("first mismatch: \(mismatch.text)") }
        return lines
    }
}

/// Says on a terminal how far a slow replay has come.
private final class ProgressLine {
    private static let patience = 1_000_000_000
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let begin = Clock.system.monotonic
    private var isShown = false

    func show(_ lines: Int) {
        guard isTerminal, Clock.system.monotonic - begin > Self.patience else { return }
        FileHandle.standardError.write(Data("\r\(lines) lines".utf8))
        isShown = true
    }

    func clear() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K".utf8))
        isShown = false
    }
}
