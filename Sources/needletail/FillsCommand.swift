// FillsCommand.swift — `needletail fills`.
import ArgumentParser
import Bot

struct FillsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fills", abstract: "Trades of the running bot since its start, newest first.",
        discussion: "Example: needletail fills --last 20")

    @Option(help: "At most so many; the bot gives up to 2000.")
    var last = 100

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard last > 0 else { throw ValidationError("--last must be at least 1.") }
    }

    func run() throws {
        let reply = try bot.ask("fills", ["last": String(last)], isJSON: common.json)
        try reply.finish([FillDocument].self, isJSON: common.json) { show($0) }
    }

    private func show(_ fills: [FillDocument]) {
        guard !fills.isEmpty else { return Output.line("no fills since the start") }
        var table = Table(
            "time", "symbol", "order", ">trade", "side", ">quantity", ">price", ">fee", "asset",
            "as")
        for fill in fills {
            table.add(
                fill.time, fill.symbol, fill.order, String(fill.trade), fill.side, fill.quantity,
                fill.price, fill.fee, fill.feeAsset, fill.liquidity)
        }
        Output.lines(table.lines)
    }
}
