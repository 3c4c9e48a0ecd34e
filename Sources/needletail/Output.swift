// Output.swift — results go to standard output, everything else to standard error.
import ArgumentParser
import Bot
import Foundation

enum Output {
    static func line(_ text: String) { write(text + "\n", FileHandle.standardOutput) }
    static func lines(_ lines: [String]) { line(lines.joined(separator: "\n")) }
    static func error(_ text: String) { write(text + "\n", FileHandle.standardError) }

    private static func write(_ text: String, _ handle: FileHandle) {
        // A reader that went away (`| head`) is no failure of ours.
        try? handle.write(contentsOf: Data(Redactor.live.redact(text).utf8))
    }

    /// One JSON document on standard output.
    static func json(_ value: some Encodable) throws {
        line(String(decoding: try JSONText.encode(value, pretty: true), as: UTF8.self))
    }
}

/// Ends a command with a named exit code and one clear text.
struct CommandFailure: Error {
    var exitCode: Int32
    var text: String
    var isJSON = false
    /// Of a configuration, one by one.
    var problems: [ConfigurationProblem] = []

    init(_ exitCode: Int32, _ text: String, isJSON: Bool = false) {
        self.exitCode = exitCode
        self.text = text
        self.isJSON = isJSON
    }

    init(_ error: BotError, isJSON: Bool) {
        self.init(error.exitCode, error.text, isJSON: isJSON)
        if case .configuration(let error) = error { problems = error.problems }
    }

    private struct Document: Encodable {
        let error: String
        let errors: [ConfigurationProblem]?
    }

    func report() {
        if isJSON {
            let document = Document(error: text, errors: problems.isEmpty ? nil : problems)
            // Texts and numbers always encode.
            try? Output.json(document)
        }
        Output.error("needletail: \(text)")
    }
}

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON document on standard output, nothing else.")
    var json = false
}

/// How to find a running bot.
struct BotOptions: ParsableArguments {
    @Option(name: [.short, .customLong("config")], help: "The bot's configuration file.")
    var config: String?

    @Option(help: "The bot's data directory; default: that of the configuration, else ./var.")
    var dataDir: String?

    func directory(isJSON: Bool) throws -> DataDirectory {
        do throws(ConfigurationError) {
            return try DataDirectory.find(config: config, named: dataDir)
        } catch {
            throw CommandFailure(.configuration(error), isJSON: isJSON)
        }
    }

    /// Asks the bot; its failures become ours, with its exit code.
    func ask(
        _ command: String, _ arguments: [String: String] = [:], isJSON: Bool, timeout: Int = 10
    ) throws -> AdminReply {
        let socket = try directory(isJSON: isJSON).socket
        do throws(AdminError) {
            let request = AdminRequest(command, arguments)
            return try AdminClient.perform(request, socket: socket, timeout: timeout)
        } catch {
            throw failure(error, isJSON: isJSON)
        }
    }

    private func failure(_ error: AdminError, isJSON: Bool) -> CommandFailure {
        switch error {
        case .notRunning(let path):
            CommandFailure(
                4,
                "no bot listens at \(path); start one with `needletail run -c FILE`, or name its "
                    + "directory with --data-dir", isJSON: isJSON)
        case .notPermitted(let text): CommandFailure(77, text, isJSON: isJSON)
        case .timedOut:
            CommandFailure(
                5, "no answer in time: the outcome is unknown; look with `needletail status`",
                isJSON: isJSON)
        case .broken(let text): CommandFailure(4, text, isJSON: isJSON)
        }
    }
}

extension AdminReply {
    /// Prints the document under `--json`, else lets `show` do it; then ends with its exit code.
    func finish<Document: Decodable>(
        _ type: Document.Type, isJSON: Bool, show: (Document) -> Void
    ) throws {
        if isJSON {
            Output.line(String(decoding: document, as: UTF8.self))
        } else if let value = try? JSONText.decode(type, document) {
            show(value)
        } else if exit == 0 {
            throw CommandFailure(4, "the bot's answer cannot be read; is it of another version?")
        }
        guard exit != 0 else { return }
        if let error, !isJSON { Output.error("needletail: \(error)") }
        throw ExitCode(exit)
    }
}
