// JournalRepairCommand.swift — `needletail journal repair`.
import ArgumentParser
import Bot
import Core

struct JournalRepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Cuts off a torn tail; with --yes, everything from the damage on.",
        discussion: """
            What is taken away is kept in a folder of the journal. Orders of the records that are
            gone are found again at the venue by their id; the database is made anew by
            `needletail store rebuild`. Exit codes: 0 whole now, 3 nothing would be left, 6 damaged
            and not told --yes, 75 a bot is running.
            Example: needletail journal repair --data-dir var --yes
            """)

    @Flag(help: "Take away every record from the damage on.")
    var yes = false

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let agreed = yes
        let time = Clock.system.wall
        let mended = try bot.journal(isJSON: common.json) { directory throws(JournalError) in
            try JournalMending.run(directory, isAgreed: agreed, time: time)
        }
        if common.json { return try Output.json(mended) }
        if let kept = mended.kept {
            let what = mended.damage.map { "from \($0.file), offset \($0.offset), on" }
            Output.line("cut off \(what ?? "\(mended.tornBytes) bytes"); kept in \(kept)")
        }
        Output.line("\(mended.path): \(mended.records) records, whole")
    }
}
