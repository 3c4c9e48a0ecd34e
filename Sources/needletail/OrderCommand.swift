// OrderCommand.swift — `needletail order resolve`: a person ends a doubt that nothing else ends.
import ArgumentParser
import Bot

struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Puts one order right by hand.",
        subcommands: [Resolve.self])

    enum End: String, ExpressibleByArgument, CaseIterable {
        case filled, canceled, rejected, absent
    }

    struct Resolve: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resolve",
            abstract: "Says how an order that is unknown or disputed ended.",
            discussion: """
                Look at the venue first. What was counted cannot be denied; what is said to be
                filled stays reserved until its trades come; what the venue shows later is applied,
                or disputes the word. Who, when, why, before and after go to the journal. Orders in
                other states need no word and are refused (3).
                Example: needletail order resolve 1-7 --as canceled --reason "venue's page"
                """)

        @Argument(help: "Order id or client order id, as `needletail orders` shows it.")
        var order: String
        @Option(name: .customLong("as"), help: "How it ended.")
        var end: End
        @Option(help: "How much of it the venue has traded, where not all is counted here.")
        var filled: String?
        @Option(help: "Why; goes to the journal.")
        var reason: String
        @OptionGroup var bot: BotOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            guard !reason.isEmpty else { throw ValidationError("--reason must say why.") }
        }

        func run() throws {
            var arguments = ["order": order, "as": end.rawValue, "reason": reason]
            arguments["filled"] = filled
            let reply = try bot.ask("resolve", arguments, isJSON: common.json, timeout: 15)
            try reply.finish(ActionDocument.self, isJSON: common.json) { action in
                if action.done { Output.line("\(order): \(action.text)") }
            }
        }
    }
}
