// CompletionCommand.swift — `needletail completion`: for the shell that is used.
import ArgumentParser
import Bot

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Prints a completion script for a shell.",
        discussion: """
            bash: source <(needletail completion bash)
            zsh:  needletail completion zsh > ~/.zfunc/_needletail
            fish: needletail completion fish > ~/.config/fish/completions/needletail.fish
            Example: needletail completion bash
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish

        var script: String {
            switch self {
            case .bash: Needletail.completionScript(for: .bash)
            case .zsh: Needletail.completionScript(for: .zsh)
            case .fish: Needletail.completionScript(for: .fish)
            }
        }
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell
    @OptionGroup var common: CommonOptions

    func run() throws {
        guard common.json else { return Output.line(shell.script) }
        try Output.json(["shell": shell.rawValue, "script": shell.script])
    }
}
