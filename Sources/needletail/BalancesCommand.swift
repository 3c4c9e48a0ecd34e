// BalancesCommand.swift — `needletail balances`.
import ArgumentParser
import Bot

struct BalancesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balances", abstract: "What the account holds, asked of the venue now.",
        discussion: """
            Trading on paper there is no account: `needletail positions` shows what is held.
            Example: needletail balances
            """)

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reply = try bot.askPatiently("balances", isJSON: common.json)
        try reply.finish(BalancesDocument.self, isJSON: common.json) { show($0) }
    }

    private func show(_ document: BalancesDocument) {
        if let note = document.note { Output.line(note) }
        guard !document.balances.isEmpty else { return }
        var table = Table("asset", ">free", ">locked", ">total")
        for balance in document.balances {
            table.add(balance.asset, balance.free, balance.locked, balance.total)
        }
        Output.lines(table.lines)
    }
}
