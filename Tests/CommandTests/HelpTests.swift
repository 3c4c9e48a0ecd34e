// HelpTests.swift — help, version and usage errors of every command.
import Foundation
import Testing

/// Every command as it is typed, found by way of the help texts.
private func allCommands(in folder: Folder, under group: [String] = []) throws -> [[String]] {
    let help = try Program.run(group + ["--help"], in: folder).output
    guard let listed = help.components(separatedBy: "SUBCOMMANDS:").dropFirst().first else {
        return [group]
    }
    let names = listed.split(separator: "\n").filter { line in
        line.hasPrefix("  ") && !line.hasPrefix("   ") && line.dropFirst(2).contains("  ")
    }.compactMap { $0.split(separator: " ").first.map(String.init) }
    return try [group] + names.flatMap { try allCommands(in: folder, under: group + [$0]) }
}

/// The command lines that a help text gives as examples.
private func examples(_ help: String) -> [String] {
    help.split(separator: "\n").compactMap { line in
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        if trimmed.hasPrefix("needletail ") { return trimmed }
        guard trimmed.hasPrefix("Example: ") else { return nil }
        return String(trimmed.dropFirst("Example: ".count))
    }
}

extension CommandTests {
    @Suite("Help and usage") struct HelpTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        @Test("Every command explains itself with an example") func explains() throws {
            let commands = try allCommands(in: folder)
            #expect(Set(commands.compactMap(\.first)).isSuperset(of: Self.demanded))
            for command in commands {
                let name = Comment(rawValue: command.joined(separator: " "))
                let help = try Program.run(command + ["--help"], in: folder)
                #expect(help.status == 0 && help.errors.isEmpty, name)
                let isGroup = help.output.contains("SUBCOMMANDS:")
                #expect(isGroup || !examples(help.output).isEmpty, name)
                #expect(isGroup || help.output.contains("--json"), name)
            }
        }

        /// What the first release must offer.
        private static let demanded = [
            "book", "cancel", "demo", "fills", "flatten", "halt", "orders", "positions", "run",
            "sim",
            "status", "version",
        ]

        @Test("Every example is understood") func examplesWork() throws {
            for command in try allCommands(in: folder) {
                let help = try Program.run(command + ["--help"], in: folder)
                for example in examples(help.output) {
                    // An unknown option is the last thing that the parser complains about.
                    let line = example.dropFirst("needletail".count) + " --no-such-option"
                    let ended = try Program.shell("\"$0\" \(line)", [Program.path], in: folder)
                    #expect(ended.status == 2)
                    #expect(
                        ended.errors.contains("Unknown option '--no-such-option'"), "\(example)")
                }
            }
        }

        @Test("Tells its version") func version() throws {
            let plain = try Program.run(["version"], in: folder)
            #expect(plain.status == 0)
            #expect(plain.output.hasPrefix("needletail "))
            let json = try Program.run(["version", "--json"], in: folder)
            let number = try #require(try json.document()["version"].text)
            #expect(plain.output == "needletail \(number)\n")
            #expect(try Program.run(["--version"], in: folder).output == "\(number)\n")
        }

        @Test(
            "A usage error ends with 2 and says what is wrong",
            arguments: [
                (["demo", "--seconds", "x"], "seconds"),
                (["demo", "--seconds", "0"], "at least 1"),
                (["demo", "--speed", "nan"], "speed"), (["demo", "--speed", "-1"], "speed"),
                (["demo", "--strategy", "x"], "ema_cross"), (["demo", "--venue", "x"], "binance"),
                (["run"], "config"), (["run", "-c", "x", "--mode", "y"], "paper or live"),
                (["sim", "serve", "--port", "70000"], "port"),
                (["sim", "serve", "--port", "-1"], "port"),
                (["sim", "serve", "--weight", "0"], "weight"),
                (["sim", "serve", "--speed", "inf"], "speed"), (["cancel"], "--all"),
                (["cancel", "1-1", "--all"], "--all"), (["orders", "--last", "-5"], "--last"),
                (["fills", "--last", "0"], "--last"), (["nonsense"], "nonsense"),
                (["book", "replay"], "file"), (["status", "--nonsense"], "--nonsense"),
            ])
        func usageErrors(arguments: [String], word: String) throws {
            let plain = try Program.run(arguments, in: folder)
            #expect(plain.status == 2)
            #expect(plain.output.isEmpty)
            #expect(plain.errors.contains(word), "\(plain.errors)")
            let json = try Program.run(arguments + ["--json"], in: folder)
            #expect(json.status == 2)
            #expect(try json.document()["error"].text?.contains(word) == true, "\(json.output)")
        }

        @Test("Without a command it shows what there is") func bare() throws {
            let ended = try Program.run([], in: folder)
            #expect((ended.output + ended.errors).contains("SUBCOMMANDS"))
        }
    }
}
