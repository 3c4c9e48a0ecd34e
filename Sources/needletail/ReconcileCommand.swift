// ReconcileCommand.swift — `needletail reconcile`: does the venue see what we see?
import ArgumentParser
import Bot

struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Brings the bot together with the venue, and shows what still differs.",
        discussion: """
            The bot lists open orders and trades as after a log-on, twice, and takes what it missed;
            it does so by itself every `reconcile.every_s` seconds. Then both sides are shown where
            they differ. --dry-run only looks, and says what the bot would do.
            Exit code 1 when something differs and stays so.
            Example: needletail reconcile --dry-run
            """)

    @Flag(help: "Look only; change nothing.")
    var dryRun = false

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reply = try bot.askPatiently(
            "reconcile", ["dry_run": String(dryRun)], isJSON: common.json, seconds: 120)
        try reply.finish(ReconcileDocument.self, isJSON: common.json) { show($0) }
    }

    private func show(_ document: ReconcileDocument) {
        for note in document.notes { Output.line(note) }
        for difference in document.differences {
            Output.line("\(difference.kind) \(difference.id) (\(difference.symbol))")
            Output.line("    here:  \(difference.local)")
            Output.line("    venue: \(difference.venue)")
            Output.line("    \(difference.meaning)")
            Output.line("    the bot \(difference.action)")
        }
        guard document.agrees else { return }
        Output.line(
            "no difference in \(document.ordersCompared) open orders and "
                + "\(document.tradesCompared) trades")
    }
}
