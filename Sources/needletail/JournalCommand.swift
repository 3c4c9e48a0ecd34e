// JournalCommand.swift — `needletail journal`: the records on disk, seen without a bot.
import ArgumentParser
import Bot
import Core

struct JournalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "The journal: whether it is whole, what it holds, what it gives.",
        discussion: """
            Needs no running bot; all but repair do not disturb one. Exit codes: 0 ok, 2 no journal
            there, 6 damaged or of a newer version, 77 not permitted to read it.
            Example: needletail journal verify --data-dir var
            """,
        subcommands: [
            JournalVerifyCommand.self, JournalStatCommand.self, JournalDumpCommand.self,
            JournalReplayCommand.self, JournalRepairCommand.self,
        ])
}

extension BotOptions {
    /// Does `body` on the journal's directory; its failures become ours.
    func journal<Result>(
        isJSON: Bool, _ body: (String) throws(JournalError) -> Result
    ) throws -> Result {
        let directory = try directory(isJSON: isJSON).journal
        do throws(JournalError) {
            return try body(directory)
        } catch {
            throw CommandFailure(error.exitCode, error.text, isJSON: isJSON)
        }
    }
}
