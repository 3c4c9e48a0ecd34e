// OperatingOutput.swift — questions that the bot answers later, and tables of many columns.
import ArgumentParser
import Bot
import Foundation

extension BotOptions {
    /// As `ask`, for what the bot has to ask the venue first: it gives a number, and we come back
    /// until the answer is there or the time is over (exit 5).
    func askPatiently(_ command: String, isJSON: Bool, seconds: Double = 60) throws -> AdminReply {
        let deadline = Date(timeIntervalSinceNow: seconds)
        var reply = try ask(command, isJSON: isJSON)
        while let errand = try? JSONText.decode(ErrandDocument.self, reply.document) {
            guard Date() < deadline else {
                throw CommandFailure(
                    5, "the venue has not answered in \(Int(seconds)) s; ask again",
                    isJSON: isJSON)
            }
            Thread.sleep(forTimeInterval: 0.05)
            reply = try ask("errand", ["number": String(errand.errand)], isJSON: isJSON)
        }
        return reply
    }

    /// The bot's directory and the name of its strategy; needs no running bot.
    func place(isJSON: Bool) throws -> (directory: DataDirectory, strategy: String) {
        let file = config ?? "needletail.yaml"
        let standard = StrategySettings().name
        guard config != nil || FileManager.default.fileExists(atPath: file) else {
            return (DataDirectory(dataDir ?? "var"), standard)
        }
        // A file that is only there by chance must not stop a directory that was named.
        if config == nil, let dataDir { return (DataDirectory(dataDir), standard) }
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(path: file)
            let directory = dataDir ?? configuration.dataDirectory
            return (DataDirectory(directory), configuration.strategy.name)
        } catch {
            throw CommandFailure(.configuration(error), isJSON: isJSON)
        }
    }
}
