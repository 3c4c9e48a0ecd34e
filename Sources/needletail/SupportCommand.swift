// SupportCommand.swift — `needletail support bundle`: one archive for whoever helps.
import ArgumentParser
import Bot
import Foundation

struct SupportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "support", abstract: "Material for whoever helps.",
        discussion: "Example: needletail support bundle -c needletail.yaml",
        subcommands: [SupportBundleCommand.self])
}

struct SupportBundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Configuration, doctor, journal figures, status and logs, secrets masked.",
        discussion: """
            Look into it before you hand it on: it says what you trade and how.
            Example: needletail support bundle -c needletail.yaml --out bundle.tar.gz
            """)

    @Option(
        name: [.short, .customLong("config")],
        help: "The configuration file; default: needletail.yaml when it is here.")
    var config: String?
    @Option(help: "The bot's data directory where no configuration names it.")
    var dataDir = "var"
    @Option(help: "The archive; default: a name with the time in it, here.")
    var out: String?
    @Flag(help: "Put the journal in: every order and fill, no key.")
    var withJournal = false
    @OptionGroup var common: CommonOptions

    func run() throws {
        var bundle = SupportBundle(
            doctor: try DoctorCommand.examine(config, isJSON: common.json))
        bundle.file = Configuration.file(config)
        bundle.dataDirectory = dataDir
        bundle.environment = ProcessInfo.processInfo.environment
        bundle.withJournal = withJournal
        let written: SupportBundle.Written
        do throws(BotError) {
            written = try bundle.write(to: out ?? bundle.defaultName)
        } catch {
            throw CommandFailure(error, isJSON: common.json)
        }
        if common.json { return try Output.json(written) }
        Output.line("wrote \(written.file); inside:")
        Output.lines(written.contents.map { "  \($0)" })
        for text in written.missing { Output.error("not to be had: \(text)") }
    }
}
