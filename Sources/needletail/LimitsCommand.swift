// LimitsCommand.swift — `needletail limits`: what the gate allows, and changing it.
import ArgumentParser
import Bot

struct LimitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits", abstract: "Limits in force, and changing one while trading.",
        discussion: "Example: needletail limits show",
        subcommands: [Show.self, Set.self], defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Every limit in force, and where it comes from.",
            discussion: "Example: needletail limits show --data-dir var")

        @OptionGroup var bot: BotOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            let reply = try bot.ask("limits", isJSON: common.json)
            try reply.finish(LimitsDocument.self, isJSON: common.json) { document in
                var table = Table("scope", "limit", ">value", "unit", "from")
                for limit in document.limits {
                    table.add(
                        limit.symbol ?? "account", limit.key,
                        limit.isSet ? limit.value : "NOT SET", limit.unit, limit.source)
                }
                Output.lines(table.lines)
                Output.line(document.note)
            }
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Changes one limit of the running bot, at once.",
            discussion: """
                Holds until the bot ends; write into the file what is to stay. What loosens a
                limit needs --yes; no limit can be unset.
                Example: needletail limits set max_open_orders 5 --reason "quiet day"
                """)

        @Argument(help: "The limit, as `needletail limits show` names it.")
        var key: String
        @Argument(help: "The new value, in the unit shown there.")
        var value: String
        @Option(help: "Which instrument, for limits of one.")
        var symbol: String?
        @Option(help: "Why; goes to the journal and the log.")
        var reason: String
        @Flag(help: "Yes, loosen it.")
        var yes = false
        @OptionGroup var bot: BotOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            guard !reason.isEmpty else { throw ValidationError("--reason must say why.") }
        }

        func run() throws {
            var arguments = ["key": key, "value": value, "reason": reason, "yes": String(yes)]
            arguments["symbol"] = symbol
            let reply = try bot.ask("limits set", arguments, isJSON: common.json, timeout: 15)
            try reply.finish(ActionDocument.self, isJSON: common.json) { action in
                if action.done { Output.line(action.text) }
            }
        }
    }
}
