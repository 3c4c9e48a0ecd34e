// LogsCommand.swift — `needletail logs`: what happened, also when no bot runs.
import ArgumentParser
import Bot
import Foundation

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "What happened: orders, fills, refusals, alarms, streams, trading states.",
        discussion: """
            Reads log/needletail.jsonl in the data directory, one JSON object a line.
            Example: needletail logs --last 20
            """)

    @Option(help: "At most so many of the newest lines.")
    var last = 50
    @Flag(help: "Go on with new lines until Ctrl-C.")
    var follow = false

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard last >= 0 else { throw ValidationError("--last must be at least 0.") }
        if follow, common.json {
            throw ValidationError(
                "--follow has no end and --json is one document; follow "
                    + "log/needletail.jsonl itself for JSON.")
        }
    }

    func run() throws {
        let directory = try bot.directory(isJSON: common.json)
        var reader = LogReader(LogPlace(dataDirectory: directory.root))
        // Opened first: a line may be shown twice that way, never missed.
        if follow { reader.startFollowing() }
        let lines: [EventLine]
        do throws(LogProblem) {
            lines = try reader.last(last)
        } catch {
            throw CommandFailure(1, error.text, isJSON: common.json)
        }
        if common.json { return try Output.json(lines) }
        if lines.isEmpty, !follow { Output.line("nothing is logged in \(directory.root) yet") }
        let style = Style.standardOutput()
        for line in lines { show(line, style) }
        guard follow else { return }
        let interrupts = Interrupts()
        while !interrupts.isRaised {
            for line in reader.next() { show(line, style) }
            Thread.sleep(forTimeInterval: 0.1)
        }
        reader.stopFollowing()
    }

    private func show(_ line: EventLine, _ style: Style) {
        let text = "\(line.time)  \(line.subject): \(line.text)"
        switch line.level {
        case .info: Output.line(text)
        case .warn: Output.line(style.warn(text))
        case .error: Output.line(style.bad(text))
        }
    }
}
