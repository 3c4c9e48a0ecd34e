// OperatingOutput.swift — questions that the bot answers later, and those that need no bot.
import ArgumentParser
import Bot
import Foundation

extension BotOptions {
    /// As `ask`, for what the bot has to ask the venue first: it gives a number, and we come back
    /// until the answer is there or the time is over (exit 5).
    func askPatiently(
        _ command: String, _ arguments: [String: String] = [:], isJSON: Bool, seconds: Double = 60
    ) throws -> AdminReply {
        let deadline = Date(timeIntervalSinceNow: seconds)
        var reply = try ask(command, arguments, isJSON: isJSON)
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

    /// Name of the bot's strategy; needs no running bot. A file that is only there by chance is not
    /// asked about a directory that was named.
    func strategy(isJSON: Bool) throws -> String {
        guard let file = dataDir == nil ? Configuration.file(config) : config else {
            return StrategySettings().name
        }
        do throws(ConfigurationError) {
            return try Configuration.load(path: file).strategy.name
        } catch {
            throw CommandFailure(.configuration(error), isJSON: isJSON)
        }
    }
}
