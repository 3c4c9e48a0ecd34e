// ConfigCommand.swift — `needletail config`: check it, show it.
import ArgumentParser
import Bot

/// Values over those of the configuration file; for every command that reads one.
struct SetOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A value over the file's, by dotted key; may be given often.",
            valueName: "key=value"))
    var overrides: [String] = []
}

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The configuration: checked whole, shown without secrets.",
        discussion: "Example: needletail config check -c needletail.yaml",
        subcommands: [ConfigCheck.self, ConfigShow.self])
}

/// Which configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: [.short, .customLong("config")], help: "The configuration file.")
    var config = "needletail.yaml"
    @OptionGroup var set: SetOptions
}

struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tells everything that is wrong, each with line, key and the mend.",
        discussion: """
            Ends with 2 when something is wrong.
            Example: needletail config check -c needletail.yaml --set mode=live
            """)

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let check = ConfigurationCheck.of(
            file: options.config, overrides: options.set.overrides)
        if common.json {
            try Output.json(check)
        } else if check.valid {
            Output.line("\(check.file) is valid")
        }
        guard !check.valid else { return }
        for problem in check.errors { Output.error(problem.description) }
        throw ExitCode(2)
    }
}

struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "The configuration as written, or as it holds; secrets are masked.",
        discussion: "Example: needletail config show --effective --set strategy.fast=5")

    @Flag(help: "With every default filled in and every path resolved.")
    var effective = false
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let listing: ConfigurationListing
        let (file, overrides) = (options.config, options.set.overrides)
        do throws(ConfigurationError) {
            listing =
                effective
                ? try .effective(file: file, overrides: overrides)
                : try .asWritten(file: file, overrides: overrides)
        } catch {
            throw CommandFailure(.configuration(error), isJSON: common.json)
        }
        if common.json { return try Output.json(listing) }
        Output.line(listing.text.trimmed)
    }
}

extension String {
    /// Without the line ends at the end.
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
