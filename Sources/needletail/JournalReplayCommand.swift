// JournalReplayCommand.swift — `needletail journal replay`.
import ArgumentParser
import Bot

struct JournalReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replays the records twice: orders, positions and the hash of the state.",
        discussion: """
            This is what a start would know before it asks the venue. Exit codes: 0 both runs
            agree, 1 they differ, 6 damaged.
            Example: needletail journal replay --data-dir var
            """)

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let replay = try bot.journal(isJSON: common.json, JournalReplay.of)
        if common.json { try Output.json(replay) } else { show(replay) }
        guard replay.isRepeatable else { throw ExitCode(1) }
    }

    private func show(_ replay: JournalReplay) {
        Output.line(
            "\(replay.path): \(replay.records) records up to \(replay.lastSequence), state "
                + "\(replay.stateHash), \(replay.isRepeatable ? "twice" : "THE SECOND DIFFERS")")
        Output.line("trading   \(replay.trading)")
        let states = replay.orders.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        Output.line("orders    \(states.isEmpty ? "none" : states.joined(separator: ", "))")
        var positions = Table("symbol", ">held", ">average", ">realised", ">fees", ">fills")
        for row in replay.positions {
            positions.add(
                row.symbol, row.held, row.averagePrice, row.realised, row.fees, String(row.fills))
        }
        if !positions.isEmpty { Output.lines(positions.lines) }
        var open = Table(
            "open order", "symbol", "side", "type", ">price", ">quantity", ">filled", "state")
        for row in replay.open {
            open.add(
                row.order, row.symbol, row.side, row.type, row.price, row.quantity, row.filled,
                row.state)
        }
        if !open.isEmpty { Output.lines(open.lines) }
    }
}
