// JournalStatCommand.swift — `needletail journal stat`.
import ArgumentParser
import Bot

struct JournalStatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Counts records by kind; time span, sequences, runs, bytes, segments.",
        discussion: "Example: needletail journal stat --data-dir var")

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let figures = try bot.journal(isJSON: common.json, JournalFigures.of)
        if common.json { try Output.json(figures) } else { show(figures) }
        guard figures.problem == nil else { throw ExitCode(6) }
    }

    private func show(_ figures: JournalFigures) {
        Output.line("\(figures.path): \(figures.records) records, \(figures.recordBytes) bytes")
        if let first = figures.firstSequence, let last = figures.lastSequence {
            Output.line("sequences \(first) to \(last)")
        }
        if let first = figures.firstEpoch, let last = figures.lastEpoch {
            Output.line("runs      \(first) to \(last)")
        }
        if let first = figures.firstTime, let last = figures.lastTime {
            Output.line("time      \(first) to \(last)")
        }
        var segments = Table("segment", ">bytes")
        for segment in figures.segments { segments.add(segment.file, String(segment.bytes)) }
        var kinds = Table("kind", ">records", ">bytes")
        for kind in figures.kinds { kinds.add(kind.kind, String(kind.records), String(kind.bytes)) }
        Output.lines(segments.lines + kinds.lines)
        if let problem = figures.problem { Output.line("counted up to the damage: \(problem)") }
    }
}
