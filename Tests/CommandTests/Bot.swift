// Bot.swift — a bot under test: `needletail run` and the commands that operate it.
import Foundation
import Testing

final class Bot {
    let folder: Folder
    let process: Running

    /// Starts `run`; `.env` lies beside the configuration when the folder has one.
    init(in folder: Folder, configuration: String, _ arguments: [String] = []) throws {
        self.folder = folder
        try folder.write("bot.yaml", configuration)
        process = try Running(["run", "-c", "bot.yaml", "--json"] + arguments, in: folder)
    }

    /// A command on it, in JSON.
    func ask(_ command: String, _ arguments: [String] = []) throws -> Ended {
        try Program.run([command, "-c", "bot.yaml", "--json"] + arguments, in: folder)
    }

    /// A command that must succeed; its document.
    func expect(
        _ command: String, _ arguments: [String] = [],
        at location: SourceLocation = #_sourceLocation
    ) throws -> Document {
        let ended = try ask(command, arguments)
        #expect(
            ended.status == 0, "\(command): \(ended.output) \(ended.errors)",
            sourceLocation: location)
        return try ended.document()
    }

    /// Waits until its status is so. False: it was not in time, or the bot ended.
    func reaches(within seconds: Double = 20, _ isSo: (Document) -> Bool) -> Bool {
        eventually(within: seconds) {
            guard process.isRunning else { return true }
            guard let status = try? ask("status").document() else { return false }
            return isSo(status)
        } && process.isRunning
    }

    func isReady(within seconds: Double = 20) -> Bool {
        reaches(within: seconds) { $0["ready"].flag == true }
    }

    func hasFilled(_ count: Int = 1, within seconds: Double = 20) -> Bool {
        reaches(within: seconds) { $0["counters"]["fills"].number ?? 0 >= count }
    }

    /// What it said, for the message of a failed expectation.
    var story: Comment { "\(process.output)\n\(process.errors.suffix(2000))" }
}
