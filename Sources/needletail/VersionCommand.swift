// VersionCommand.swift — `needletail version`.
import ArgumentParser
import Bot

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Version of this program.",
        discussion: "Example: needletail version --json")

    @OptionGroup var common: CommonOptions

    func run() throws {
        if common.json { return try Output.json(["version": needletailVersion]) }
        Output.line("needletail \(needletailVersion)")
    }
}
