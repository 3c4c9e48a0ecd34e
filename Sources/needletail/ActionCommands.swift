// ActionCommands.swift — commands that change a running bot: halt, reduce, resume, cancel, flatten.
import ArgumentParser
import Bot

/// Sends it, shows what came of it.
private func act(
    _ command: String, _ arguments: [String: String?], _ bot: BotOptions, _ common: CommonOptions
) throws {
    let reply = try bot.ask(
        command, arguments.compactMapValues { $0 }, isJSON: common.json, timeout: 15)
    try reply.finish(ActionDocument.self, isJSON: common.json) { action in
        if action.done { Output.line("\(action.text) (\(action.openOrders) orders open)") }
    }
}

/// One scope at a time.
private func checkScope(_ symbol: String?, _ strategy: String?) throws {
    if symbol != nil, strategy != nil {
        throw ValidationError("Say --symbol or --strategy, not both.")
    }
}

struct HaltCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt",
        abstract: "No new risk from now on; every open order is cancelled until proven gone.",
        discussion: """
            Positions stay; see `flatten`.
            Example: needletail halt --reason "news"
            """)

    @Option(help: "Only this instrument.")
    var symbol: String?
    @Option(help: "Only this strategy's orders.")
    var strategy: String?
    @Option(help: "Why; goes to the journal with who said so.")
    var reason = ""
    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws { try checkScope(symbol, strategy) }

    func run() throws {
        let arguments = ["symbol": symbol, "strategy": strategy, "reason": reason]
        try act("halt", arguments, bot, common)
    }
}

struct ReduceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reduce",
        abstract:
            "Only orders that reduce risk from now on; also the way from a halt to `flatten`.",
        discussion: "Example: needletail reduce --symbol BTCUSDT")

    @Option(help: "Only this instrument.")
    var symbol: String?
    @Option(help: "Only this strategy's orders.")
    var strategy: String?
    @Option(help: "Why; goes to the journal with who said so.")
    var reason = ""
    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws { try checkScope(symbol, strategy) }

    func run() throws {
        let arguments = ["symbol": symbol, "strategy": strategy, "reason": reason]
        try act("reduce", arguments, bot, common)
    }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Trade again after a halt or a reduction.",
        discussion: "Example: needletail resume --reason \"checked\"")

    @Option(help: "Only this instrument.")
    var symbol: String?
    @Option(help: "Only this strategy's orders.")
    var strategy: String?
    @Option(help: "Why; goes to the journal with who said so.")
    var reason = ""
    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws { try checkScope(symbol, strategy) }

    func run() throws {
        let arguments = ["symbol": symbol, "strategy": strategy, "reason": reason]
        try act("resume", arguments, bot, common)
    }
}

struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancels one order, or all of an instrument, or all.",
        discussion: """
            Example: needletail cancel 3-17
            Example: needletail cancel --all
            """)

    @Argument(help: "Order id or client order id, as `needletail orders` shows it.")
    var order: String?
    @Flag(help: "All open orders.")
    var all = false
    @Option(help: "With --all: only this instrument.")
    var symbol: String?
    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if (order == nil) == !all {
            throw ValidationError("Name one order, or say --all.")
        }
        if symbol != nil, !all { throw ValidationError("--symbol goes with --all.") }
    }

    func run() throws { try act("cancel", ["order": order, "symbol": symbol], bot, common) }
}

struct FlattenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flatten",
        abstract: "Cancels open orders, then closes positions within the emergency collar.",
        discussion: """
            A halted bot sends no order at all: `needletail reduce` first.
            Example: needletail flatten --symbol BTCUSDT
            """)

    @Option(help: "Only this instrument.")
    var symbol: String?
    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws { try act("flatten", ["symbol": symbol], bot, common) }
}
