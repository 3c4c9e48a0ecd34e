// PositionsCommand.swift — `needletail positions`.
import ArgumentParser
import Bot

struct PositionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "positions", abstract: "What is held, at which price, with which profit.",
        discussion: "Example: needletail positions --json")

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reply = try bot.ask("positions", isJSON: common.json)
        try reply.finish([PositionDocument].self, isJSON: common.json) { positions in
            var table = Table(
                "symbol", ">held", ">offered", ">average", ">mark", ">value", ">unrealised",
                ">realised",
                ">fees", ">fills")
            for one in positions {
                table.add(
                    one.symbol, one.quantity, one.offered ?? "-", one.averagePrice, one.mark ?? "-",
                    one.value,
                    one.unrealised, one.realised, one.fees, String(one.fills))
            }
            Output.lines(table.lines)
            for one in positions {
                guard let waits = one.exitWaits else { continue }
                Output.line("\(one.symbol): an exit of \(waits) waits until a cancel is proven")
            }
        }
    }
}
