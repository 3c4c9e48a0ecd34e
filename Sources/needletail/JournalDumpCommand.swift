// JournalDumpCommand.swift — `needletail journal dump`.
import ArgumentParser
import Bot
import Foundation

struct JournalDumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Prints each record with its meaning, one line or one JSON object each.",
        discussion: """
            A line is: sequence, time, run, kind, then what it says.
            Example: needletail journal dump --data-dir var --kind report --from 1000
            """)

    @Option(help: "The first sequence to print.")
    var from: UInt64 = 0

    @Option(help: "The last sequence to print.")
    var to: UInt64?

    @Option(help: "Only this kind, such as verdict, request, report or command.")
    var kind: String?

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard let kind, !JournalDump.kinds.contains(kind) else { return }
        throw ValidationError(
            "--kind is one of \(JournalDump.kinds.joined(separator: ", ")), not \(kind).")
    }

    func run() throws {
        var dump = JournalDump()
        dump.from = from
        dump.to = to ?? .max
        dump.kind = kind
        let wanted = dump
        guard common.json else {
            try bot.journal(isJSON: false) { directory throws(JournalError) in
                try wanted.run(directory) { Output.line($0.text) }
            }
            return
        }
        try printDocument(wanted)
    }

    /// One document, written as it is read: a journal may be larger than memory.
    private func printDocument(_ wanted: JournalDump) throws {
        let separator = Separator()
        do {
            try bot.journal(isJSON: false) { directory throws(JournalError) in
                try wanted.run(directory) { line in
                    guard let data = try? JSONText.encode(line) else { return }
                    Output.line(separator.next + String(decoding: data, as: UTF8.self))
                }
            }
        } catch let failure as CommandFailure where separator.isUsed {
            Output.line("]")  // What was read before the damage is still one document.
            throw failure
        } catch let failure as CommandFailure {
            throw CommandFailure(failure.exitCode, failure.text, isJSON: true)
        }
        Output.line(separator.isUsed ? "]" : "[]")
    }

    private final class Separator {
        private(set) var isUsed = false
        var next: String {
            defer { isUsed = true }
            return isUsed ? "," : "["
        }
    }
}
