// NeedletailWeb.swift — `needletail-web`: shows one running bot in a browser on this machine.
//
// A process of its own: it holds no key, knows the bot through its admin socket alone, and may die
// or hang without the bot noticing.
import ArgumentParser
import Bot
import Core
import Foundation
import Glibc

@main
struct NeedletailWeb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "needletail-web",
        abstract: "One screen in the browser: the market, orders, fills, profit, a halt button.",
        discussion: """
            Prints an address that works once, within 15 minutes, and lets one browser in.
            Serves this machine only; from another one use: ssh -L PORT:127.0.0.1:PORT HOST
            Exit codes: 0 ok, 2 usage or configuration, 77 not permitted by the system.
            Example: needletail-web --data-dir var
            """,
        version: needletailVersion)

    @Option(name: [.short, .customLong("config")], help: "The bot's configuration file.")
    var config: String?
    @Option(help: "The bot's data directory; default: that of the configuration, else ./var.")
    var dataDir: String?
    @Option(help: "Address to serve at: 127.0.0.1, no other.")
    var address = "127.0.0.1"
    @Option(help: "Port to serve at; 0 = any free one.")
    var port = 0
    @Option(help: "Folder of the fetched chart library; default: data/page.")
    var assets: String?
    @Flag(help: "Print one JSON document on standard output, nothing else.")
    var json = false
    @Flag(help: ArgumentHelp("End with the process that started this one.", visibility: .hidden))
    var withParent = false

    func validate() throws {
        guard address == "127.0.0.1" || address == "localhost" else {
            throw ValidationError(
                "The page is served at 127.0.0.1 only; to see it from another machine use "
                    + "ssh -L PORT:127.0.0.1:PORT HOST.")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535.") }
    }

    func run() async throws {
        try BotEnvironment.forbidDumps()
        let socket = try directory().socket
        if access(socket, W_OK) != 0, errno == EACCES {
            throw WebFailure(77, "the socket \(socket) belongs to another user")
        }
        let signals = EndSignals()
        if withParent { ParentWatch.start() }
        let token = SecretText().text
        let hub = FeedHub()
        let server = PageServer(
            tokens: AccessTokens(token: token) { Clock.system.monotonic }, hub: hub,
            desk: ActionDesk(socket: socket), chart: ChartLibrary.find(assets))
        BotLink(hub: hub, socket: socket).start()
        let isJSON = json
        try await WebService(server: server, port: port).run { port in
            announce("http://127.0.0.1:\(port)/?token=\(token)", isJSON: isJSON)
        }
        withExtendedLifetime(signals) {}
    }

    private func directory() throws -> DataDirectory {
        do throws(ConfigurationError) {
            return try DataDirectory.find(config: config, named: dataDir)
        } catch {
            throw WebFailure(2, error.problems.map(\.description).joined(separator: "\n"))
        }
    }

    /// Usage errors end with 2, as everywhere; see cli contract in docs/page.md.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as WebFailure {
            Standard.error("needletail-web: \(failure.text)")
            if CommandLine.arguments.contains("--json") { Standard.json(["error": failure.text]) }
            Glibc.exit(failure.exitCode)
        } catch {
            let isHelp = exitCode(for: error) == .success
            let text = fullMessage(for: error)
            if isHelp { Standard.output(text) } else { Standard.error(text) }
            if !isHelp, CommandLine.arguments.contains("--json") {
                Standard.json(["error": message(for: error)])
            }
            Glibc.exit(isHelp ? 0 : 2)
        }
    }
}

/// Tells where the page is: for people on standard error, for programs on standard output.
private func announce(_ url: String, isJSON: Bool) {
    Standard.error("page: \(url)")
    if isJSON { Standard.json(["dashboard_url": url]) }
}

struct WebFailure: Error {
    var exitCode: Int32
    var text: String

    init(_ exitCode: Int32, _ text: String) {
        self.exitCode = exitCode
        self.text = text
    }
}

enum Standard {
    static func output(_ text: String) { write(text, FileHandle.standardOutput) }
    static func error(_ text: String) { write(text, FileHandle.standardError) }

    /// One document, one line.
    static func json(_ value: [String: String]) {
        let data = (try? JSONText.encode(value)) ?? Data("{}".utf8)
        output(String(decoding: data, as: UTF8.self))
    }

    private static func write(_ text: String, _ handle: FileHandle) {
        // A reader that went away is no failure of ours.
        try? handle.write(contentsOf: Data((text + "\n").utf8))
    }
}
