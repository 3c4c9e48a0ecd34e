// InitCommand.swift — `needletail init`: a folder ready for paper trading.
import ArgumentParser
import Bot

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented configuration, .env.example and folders.",
        discussion: """
            The configuration is valid as it stands, for paper trading without a key.
            Nothing that exists is overwritten.
            Example: needletail init mybot
            """)

    @Argument(help: "The folder; made when it is not there.")
    var directory = "."
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if directory.isEmpty { throw ValidationError("The folder's name is empty.") }
    }

    func run() throws {
        let written: Initialisation.Written
        do throws(BotError) {
            written = try Initialisation(directory: directory).perform()
        } catch {
            throw CommandFailure(error, isJSON: common.json)
        }
        if common.json { return try Output.json(written) }
        Output.lines(written.files)
        let file = directory == "." ? "needletail.yaml" : "\(directory)/needletail.yaml"
        Output.error("next: needletail run -c \(file) --view")
    }
}
