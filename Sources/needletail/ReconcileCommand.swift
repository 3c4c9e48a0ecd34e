// ReconcileCommand.swift — `needletail reconcile`: does the venue see what we see?
import ArgumentParser
import Bot

struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compares open orders and trades with the venue's; changes nothing.",
        discussion: """
            Exit code 1 when something differs and stays so.
            Example: needletail reconcile
            """)

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reply = try bot.askPatiently("reconcile", isJSON: common.json, seconds: 120)
        try reply.finish(ReconcileDocument.self, isJSON: common.json) { show($0) }
    }

    private func show(_ document: ReconcileDocument) {
        for note in document.notes { Output.line(note) }
        for difference in document.differences {
            Output.line("\(difference.kind) \(difference.id) (\(difference.symbol))")
            Output.line("    here:  \(difference.local)")
            Output.line("    venue: \(difference.venue)")
            Output.line("    \(difference.meaning)")
        }
        guard document.agrees else { return }
        Output.line(
            "no difference in \(document.ordersCompared) open orders and "
                + "\(document.tradesCompared) trades")
    }
}
