// StoreCommand.swift — `needletail store`: the database against the journal it follows from.
import ArgumentParser
import Bot
import Store

struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "The database that is projected from the journal.",
        discussion: "Example: needletail store check --data-dir var",
        subcommands: [StoreRebuildCommand.self, StoreCheckCommand.self])
}

struct StoreRebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Makes the database anew from the journal.",
        discussion: """
            The new file takes the old one's place once it is whole; a running bot goes on with it.
            Example: needletail store rebuild --data-dir var
            """)

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let directory = try bot.directory(isJSON: common.json)
        let report: RebuildReport
        do throws(StoreError) {
            report = try StoreRebuild.run(
                journal: directory.journal, file: StoreFile(dataDirectory: directory.root))
        } catch {
            throw CommandFailure(error.exitCode, error.text, isJSON: common.json)
        }
        if common.json { return try Output.json(report) }
        var table = Table("table", ">rows")
        for (name, rows) in report.rows.sorted(by: { $0.key < $1.key }) {
            table.add(name, String(rows))
        }
        Output.lines(["\(report.path) goes up to record \(report.sequence)"] + table.lines)
    }
}

struct StoreCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compares the database, row for row, with one rebuilt in memory.",
        discussion: """
            Changes nothing; a running bot goes on. Exit codes: 0 equal, 1 a row differs, 3 of
            another account, or locked, 6 damaged, of a newer version or of another journal.
            Example: needletail store check --data-dir var
            """)

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let directory = try bot.directory(isJSON: common.json)
        let report: CheckReport
        do throws(StoreError) {
            report = try StoreCheck.run(
                journal: directory.journal, file: StoreFile(dataDirectory: directory.root))
        } catch {
            throw CommandFailure(error.exitCode, error.text, isJSON: common.json)
        }
        if common.json { try Output.json(report) } else { show(report) }
        guard report.isEqual else { throw ExitCode(1) }
    }

    private func show(_ report: CheckReport) {
        let result = report.isEqual ? "equal" : "\(report.differences) differ"
        Output.line(
            "\(report.path): \(report.rows) rows up to record \(report.sequence), \(result)")
        guard !report.isEqual else { return }
        Output.lines(report.shown.map(\.text))
        let more = report.differences - report.shown.count
        if more > 0 { Output.line("… and \(more) more") }
        Output.line("make it anew from the journal: needletail store rebuild")
    }
}
