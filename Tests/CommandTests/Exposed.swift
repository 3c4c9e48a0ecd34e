// Exposed.swift — a bot in live mode behind a network that a test spoils.
import Foundation
import Testing

final class Exposed {
    let venue: Venue
    let network: Network
    let bot: Bot
    private let folder: Folder
    private var eventsRead = 0

    /// Starts all three; the bot may not be ready yet. `adding`: lines for its configuration.
    init(seed: UInt64 = 7) throws {
        folder = try Folder()
        venue = try Venue(in: folder, seed: Int(seed % 1_000))
        network = try Network(in: folder, to: venue, seed: seed)
        try folder.write(".env", venue.environmentFile)
        bot = try Bot(
            in: folder, configuration: venue.configuration(mode: "live", by: network))
    }

    /// Streams open, books live, nothing in doubt.
    func recovers(within seconds: Double = 60) -> Bool {
        bot.reaches(within: seconds) { status in
            status["ready"].flag == true && status["unknown_orders"].number == 0
                && status["trading"].text == "active"
                && status["streams"].list.allSatisfy { $0["is_open"].flag == true }
                && status["instruments"].list.allSatisfy { $0["book"].text == "live" }
        }
    }

    /// Orders that have left until now.
    func ordersSent() throws -> Int {
        try bot.expect("status")["counters"]["orders_sent"].number ?? 0
    }

    /// Orders that left between now and the moment at which a book is usable again.
    func sentWhileUnusable() throws -> Int {
        let first = try ordersSent()
        var last = first
        for _ in 0..<600 {
            let status = try bot.expect("status")
            let isUsable = status["instruments"].list.contains { $0["book"].text == "live" }
            if isUsable { break }
            last = status["counters"]["orders_sent"].number ?? 0
            Thread.sleep(forTimeInterval: 0.05)
        }
        return last - first
    }

    // MARK: Events

    /// Events of the log from here on.
    func forgetEvents() { eventsRead = events().count }

    /// Waits for an event since then, of this subject, with all these words in its text.
    func logs(_ subject: String, _ words: [String], within seconds: Double = 30) -> Bool {
        eventually(within: seconds) {
            events().dropFirst(eventsRead).contains { event in
                event["subject"].text == subject
                    && words.allSatisfy { event["text"].text?.contains($0) == true }
            }
        }
    }

    private func events() -> [Document] {
        let file = "\(folder.path)/state/log/needletail.jsonl"
        guard let data = FileManager.default.contents(atPath: file) else { return [] }
        // Its last line may be under way.
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
            .compactMap { try? Document(exactly: String($0)) }
    }

    // MARK: End

    /// It trades on; halted, it agrees with the venue in every order, fill and position.
    func expectWhole(at location: SourceLocation = #_sourceLocation) throws {
        try network.tell("heal")
        #expect(recovers(within: 90), story, sourceLocation: location)
        let before = try bot.expect("status")["counters"]["fills"].number ?? 0
        #expect(bot.hasFilled(before + 2, within: 60), story, sourceLocation: location)
        #expect(
            bot.reaches { $0["unknown_orders"].number == 0 }, story, sourceLocation: location)
        #expect(try bot.expect("halt")["done"].flag == true, sourceLocation: location)
        try Agreement.check(bot, venue, at: location)
        let counters = try bot.expect("status")["counters"]
        #expect(
            counters["unknowns_made"].number == counters["unknowns_resolved"].number,
            sourceLocation: location)
        #expect(bot.process.interrupt(30) == 0, story, sourceLocation: location)
    }

    /// What happened, for the message of a failed expectation.
    var story: Comment {
        let status = (try? bot.ask("status").output) ?? ""
        let recent = events().suffix(30).compactMap(\.line).joined(separator: "\n")
        return "\(status)\n\(recent)\n\(network.process.errors.suffix(2_000))"
    }
}

extension Document {
    /// An event of the log in one line.
    fileprivate var line: String? {
        guard let time = self["time"].text, let text = self["text"].text else { return nil }
        return "\(time) \(self["subject"].text ?? ""): \(text)"
    }
}
