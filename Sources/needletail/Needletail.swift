// Needletail.swift — the command line: one file per command, one contract for all.
import ArgumentParser
import Bot
import Foundation
import Glibc

@main
struct Needletail: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needletail",
        abstract: "A trading system: a C order path, a Swift mind, one command line.",
        discussion: """
            Every command has --json and --help.
            Exit codes: 0 ok, 1 found a problem, 2 usage or configuration, 3 refused,
            4 cannot reach the bot, 5 timed out with the outcome unknown,
            6 damaged data, 7 partly done, 75 already running, 77 not permitted.
            Example: needletail demo --seconds 20
            """,
        version: needletailVersion,
        subcommands: [
            DemoCommand.self, RunCommand.self, SimCommand.self, InitCommand.self,
            ConfigCommand.self, DoctorCommand.self, StatusCommand.self, OrdersCommand.self,
            OrderCommand.self,
            PositionsCommand.self, BalancesCommand.self, FillsCommand.self, PnlCommand.self,
            LogsCommand.self, LatencyCommand.self, LimitsCommand.self, WhyNotCommand.self,
            ReconcileCommand.self, GuardCommand.self, HaltCommand.self, ReduceCommand.self,
            ResumeCommand.self,
            CancelCommand.self, FlattenCommand.self, JournalCommand.self, StoreCommand.self,
            BookCommand.self, IndicatorCommand.self,
            SelftestCommand.self, BenchCommand.self, SupportCommand.self, CompletionCommand.self,
            VersionCommand.self,
        ])

    /// ArgumentParser's own exit codes differ from our contract: usage errors are 2.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch let failure as CommandFailure {
            failure.report()
            Glibc.exit(failure.exitCode)
        } catch {
            endParsing(error)
        }
    }

    /// Help that was asked for is a result; all else is a usage error, also in JSON.
    private static func endParsing(_ error: any Error) -> Never {
        let text = fullMessage(for: error)
        guard exitCode(for: error) != .success else {
            Output.line(text)
            Glibc.exit(0)
        }
        guard CommandLine.arguments.contains("--json") else {
            Output.error(text)
            Glibc.exit(2)
        }
        let better = errorWithoutJSON() ?? error
        // A text always encodes.
        try? Output.json(["error": message(for: better)])
        Output.error(fullMessage(for: better))
        Glibc.exit(2)
    }

    /// Where no command was recognised, the parser complains of `--json` first.
    private static func errorWithoutJSON() -> (any Error)? {
        do {
            _ = try parseAsRoot(CommandLine.arguments.dropFirst().filter { $0 != "--json" })
            return nil
        } catch {
            return exitCode(for: error) == .success ? nil : error
        }
    }
}
