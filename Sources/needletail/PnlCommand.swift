// PnlCommand.swift — `needletail pnl`: profit by day, strategy or symbol.
import ArgumentParser
import Bot
import Core

struct PnlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pnl",
        abstract: "Realised profit, fees and fills since the journal began.",
        discussion: """
            Reads the journal, so it needs no running bot. Days are UTC.
            Example: needletail pnl --by symbol
            """)

    @Option(help: "day, strategy or symbol.")
    var by = "day"

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ProfitKey(rawValue: by) != nil else {
            throw ValidationError("--by is day, strategy or symbol, not \(by).")
        }
    }

    func run() throws {
        let directory = try bot.directory(isJSON: common.json)
        let strategy = try bot.strategy(isJSON: common.json)
        let report: ProfitReport
        do throws(CoreError) {
            report = try ProfitReport.read(
                journal: directory.journal, by: ProfitKey(rawValue: by) ?? .day,
                strategy: strategy)
        } catch {
            let exit: Int32 = error.code == .corrupt ? 6 : 1
            throw CommandFailure(exit, error.text, isJSON: common.json)
        }
        if common.json { try Output.json(report) } else { show(report) }
    }

    private func show(_ report: ProfitReport) {
        guard !report.rows.isEmpty else {
            return Output.line("no fills in the journal yet")
        }
        var table = Table(report.by, ">realised", ">fees", ">net", "currency", ">fills")
        for row in report.rows + report.total {
            table.add(
                row.key, row.realised, row.fees, row.net, row.currency, String(row.fills))
        }
        Output.lines(table.lines)
    }
}
