// JournalVerifyCommand.swift — `needletail journal verify`.
import ArgumentParser
import Bot
import Core

struct JournalVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Checks every record: checksum, chain, sequence; names file and offset of damage.",
        discussion: """
            A torn tail is no damage: the next start cuts it off. Exit codes: 0 whole, 6 damaged.
            Example: needletail journal verify --data-dir var
            """)

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let found = try bot.journal(isJSON: common.json, JournalVerification.of)
        if common.json { try Output.json(found) } else { show(found) }
        guard found.isWhole else { throw ExitCode(6) }
    }

    private func show(_ found: JournalVerification) {
        let upTo = found.records == 0 ? "" : " up to \(found.lastSequence)"
        Output.line("\(found.path): \(found.records) records\(upTo), run \(found.lastEpoch)")
        Output.line("chain \(found.chain)")
        if found.fromRing > 0 {
            Output.line("\(found.fromRing) of them only in the ring; the next start saves them")
        }
        if let end = found.end, found.tornBytes > 0 {
            Output.line(
                "a torn tail of \(found.tornBytes) bytes in \(end.file) behind offset "
                    + "\(end.offset); the next start cuts it off")
        }
        if let problem = found.problem { Output.line("DAMAGED: \(problem)") }
        if found.isWhole { Output.line("whole") }
    }
}
