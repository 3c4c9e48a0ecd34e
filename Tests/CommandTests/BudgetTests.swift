// BudgetTests.swift — two bots at one address that allows little.
import Foundation
import Testing

extension CommandTests {
    @Suite("Request budget") struct BudgetTests {
        private let folder: Folder
        private let other: Folder

        init() throws {
            folder = try Folder()
            other = try Folder()
        }

        private func configuration(_ venue: Venue, _ mode: String) -> String {
            venue.configuration(mode: mode).replacingOccurrences(
                of: "environment: simulator",
                with: "environment: simulator\n  budget_file: \(folder.path)/budget")
        }

        private func weight(_ status: Document) -> (used: Int, limit: Int, reserve: Int) {
            let use = status["budget"]["limits"].list.first
            return (
                use?["used"].number ?? 0, use?["limit"].number ?? 0, use?["reserve"].number ?? 0
            )
        }

        @Test("Two processes use up what orders may have, and the venue never has to refuse")
        func twoBots() throws {
            let venue = try Venue(in: folder, weight: 700)
            try folder.write(".env", venue.environmentFile)
            let live = try Bot(in: folder, configuration: configuration(venue, "live"))
            let paper = try Bot(in: other, configuration: configuration(venue, "paper"))
            #expect(live.isReady(within: 60), live.story)
            #expect(paper.isReady(within: 60), paper.story)
            // Orders go on until only the reserve is left, less than one request above it.
            #expect(
                live.reaches(within: 240) { status in
                    let weight = weight(status)
                    return weight.limit == 700 && weight.used >= weight.limit - weight.reserve - 5
                }, live.story)
            let status = try paper.expect("status")
            #expect(status["budget"]["processes"].list.count == 2)
            #expect(weight(status).used <= 700)
            #expect(try live.expect("halt")["done"].flag == true)  // Its cancels had their part.
            for bot in [live, paper] {
                let status = try bot.expect("status")
                #expect(status["budget"]["blocked_until"].text == nil)
                #expect(status["budget"]["banned_until"].text == nil)
                let alarms = status["alarms"].list.compactMap { $0["text"].text }
                #expect(!alarms.contains { $0.contains("silence") || $0.contains("banned") })
                #expect(bot.process.interrupt() == 0, bot.story)
            }
        }
    }
}
