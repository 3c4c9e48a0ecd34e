// OrdersCommand.swift — `needletail orders`.
import ArgumentParser
import Bot

struct OrdersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Orders of the running bot, newest first.",
        discussion: "Example: needletail orders --all --last 20")

    @Flag(help: "Finished orders as well.")
    var all = false

    @Option(help: "At most so many; the bot gives up to 2000.")
    var last = 100

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard last > 0 else { throw ValidationError("--last must be at least 1.") }
    }

    func run() throws {
        let arguments = ["all": String(all), "last": String(last)]
        let reply = try bot.ask("orders", arguments, isJSON: common.json)
        try reply.finish([OrderDocument].self, isJSON: common.json) { show($0) }
    }

    private func note(_ order: OrderDocument) -> String {
        if order.cancelPending { return " (cancelling)" }
        return order.resolved == true ? " (resolved by hand)" : ""
    }

    private func show(_ orders: [OrderDocument]) {
        guard !orders.isEmpty else { return Output.line(all ? "no orders" : "no open orders") }
        var table = Table(
            "order", "client id", "symbol", "side", "type", ">quantity", ">price", ">filled",
            "state", "source")
        for order in orders {
            table.add(
                order.id, order.clientOrderID, order.symbol, order.side, order.type,
                order.quantity, order.price, order.filled,
                order.state + note(order), order.source)
        }
        Output.lines(table.lines)
    }
}
