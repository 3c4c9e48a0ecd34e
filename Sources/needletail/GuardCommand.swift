// GuardCommand.swift — `needletail guard`: the process that watches over a live bot, and what it
// did.
import ArgumentParser
import Bot

struct GuardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard", abstract: "Whether a guard watches over the bot, and what it did.",
        discussion: """
            Reads the data directory; neither needs to run. Ends with 1 when no guard is at work.
            Example: needletail guard --data-dir var
            """)

    @Option(help: "At most so many of the newest records.")
    var last = 10

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard last >= 0 else { throw ValidationError("--last must be at least 0.") }
    }

    func run() throws {
        let directory = try bot.directory(isJSON: common.json)
        let report: GuardReport
        do throws(BotError) {
            report = try GuardReport.read(directory, last: last)
        } catch {
            throw CommandFailure(error, isJSON: common.json)
        }
        if common.json { try Output.json(report) } else { show(report) }
        if !report.isGuarded { throw ExitCode(1) }
    }

    private func show(_ report: GuardReport) {
        let style = Style.standardOutput()
        let text = "guard \(line(report.guard)) · bot \(line(report.bot))"
        Output.line(report.isGuarded ? text : style.warn(text))
        if let incident = report.incident {
            Output.line(style.bad("not taken notice of: \(incident.time) \(incident.text)"))
        }
        for record in report.records {
            Output.line("\(record.time)  \(record.event): \(record.text)")
        }
    }

    private func line(_ side: PulseDocument) -> String {
        let pid = side.pid.map { " (process \($0))" } ?? ""
        let age = side.ageMs.map { ", last turn \($0) ms ago" } ?? ""
        return side.state + pid + age
    }
}
