// WhyNotCommand.swift — `needletail why-not`: the last refusals, which check, which numbers.
import ArgumentParser
import Bot

struct WhyNotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why-not",
        abstract: "Why the bot did not trade: the gate's last refusals, newest first.",
        discussion: "Example: needletail why-not --last 5")

    @Option(help: "Only this instrument.")
    var symbol: String?
    @Option(help: "At most so many; the bot gives up to 1000.")
    var last = 10

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard last > 0 else { throw ValidationError("--last must be at least 1.") }
    }

    func run() throws {
        var arguments = ["last": String(last)]
        arguments["symbol"] = symbol
        let reply = try bot.ask("why-not", arguments, isJSON: common.json)
        try reply.finish(WhyNotReport.self, isJSON: common.json) { show($0) }
    }

    private func show(_ report: WhyNotReport) {
        guard !report.refusals.isEmpty else {
            return Output.line("the gate has refused nothing since the start")
        }
        for refusal in report.refusals {
            let order = refusal.order
            Output.line(
                "\(refusal.time)  \(refusal.symbol) \(order.side) \(order.quantity) at "
                    + "\(order.price)")
            Output.line("    \(refusal.text)")
            for rule in refusal.rules { Output.line("    \(rule.mend)") }
        }
        let counts = report.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        Output.line("told since the start: \(counts.joined(separator: ", "))")
    }
}
