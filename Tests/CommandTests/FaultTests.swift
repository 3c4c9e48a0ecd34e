// FaultTests.swift — the venue misbehaves on purpose; the bot goes on and counts right.
import Foundation
import Testing

extension CommandTests {
    @Suite("A venue that fails") struct FaultTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        /// A bot on a venue with this fault script.
        private func start(_ faults: String) throws -> (Bot, Venue) {
            let venue = try Venue(in: folder, faults: faults)
            try folder.write(".env", venue.environmentFile)
            return (try Bot(in: folder, configuration: venue.configuration(mode: "live")), venue)
        }

        /// Halts, compares with the venue and stops; returns the counters.
        private func end(_ bot: Bot, _ venue: Venue) throws -> Document {
            #expect(bot.reaches { $0["unknown_orders"].number == 0 }, bot.story)
            #expect(try bot.expect("halt")["done"].flag == true)
            try Agreement.check(bot, venue)
            let counters = try bot.expect("status")["counters"]
            #expect(counters["unknowns_made"].number == counters["unknowns_resolved"].number)
            #expect(bot.process.interrupt() == 0, bot.story)
            return counters
        }

        @Test("A reply that never comes, to an order that was accepted") func droppedReply() throws
        {
            let (bot, venue) = try start("order 2 drop-reply\norder 4 drop-reply\n")
            #expect(bot.hasFilled(6), bot.story)
            _ = try end(bot, venue)
        }

        @Test("\"Outcome unknown\" is asked about, never sent again") func timedOut() throws {
            let (bot, venue) = try start("order 2 timeout\norder 3 timeout\n")
            #expect(bot.hasFilled(6), bot.story)
            let counters = try end(bot, venue)
            #expect(try #require(counters["unknowns_made"].number) >= 1)
        }

        @Test("A lost depth message makes the symbol stale and fetches its book anew")
        func gap() throws {
            let (bot, venue) = try start("after 3s gap SPXUSDT\nafter 4s gap EURUSDT\n")
            #expect(
                bot.reaches { $0["counters"]["gaps"].number ?? 0 >= 2 }, bot.story)
            #expect(
                bot.reaches { status in
                    status["instruments"].list.allSatisfy { $0["book"].text == "live" }
                }, bot.story)
            let before = try bot.expect("status")["counters"]["fills"].number ?? 0
            #expect(bot.hasFilled(before + 2), bot.story)
            _ = try end(bot, venue)
        }

        @Test("A frozen symbol is stale, the other one trades on, and data mend it")
        func frozen() throws {
            let (bot, venue) = try start("after 4s freeze SPXUSDT 15s\n")
            func instrument(_ status: Document, _ symbol: String) -> Document? {
                status["instruments"].list.first { $0["symbol"].text == symbol }
            }
            #expect(
                bot.reaches { instrument($0, "SPXUSDT")?["silence"].text == "frozen" }, bot.story)
            let frozen = try bot.expect("status")
            #expect(instrument(frozen, "SPXUSDT")?["book"].text == "no data for too long")
            #expect(instrument(frozen, "EURUSDT")?["book"].text == "live")
            let before = frozen["counters"]["orders_sent"].number ?? 0
            #expect(
                bot.reaches { status in
                    status["counters"]["orders_sent"].number ?? 0 > before
                        && instrument(status, "SPXUSDT")?["silence"].text == "frozen"
                }, bot.story)
            #expect(
                bot.reaches {
                    instrument($0, "SPXUSDT")?["silence"].text == "none"
                        && instrument($0, "SPXUSDT")?["book"].text == "live"
                }, bot.story)
            _ = try end(bot, venue)
        }

        @Test("A cut connection is made again", arguments: ["api", "market", "all"])
        func cut(target: String) throws {
            let (bot, venue) = try start("after 4s cut \(target)\n")
            #expect(bot.isReady(), bot.story)
            let wasCut = eventually(within: 10) { bot.process.errors.contains("stream") }
            #expect(wasCut, bot.story)
            #expect(
                bot.reaches { status in
                    status["ready"].flag == true
                        && status["streams"].list.allSatisfy { $0["is_open"].flag == true }
                        && status["instruments"].list.allSatisfy { $0["book"].text == "live" }
                }, bot.story)
            let before = try bot.expect("status")["counters"]["fills"].number ?? 0
            #expect(bot.hasFilled(before + 2), bot.story)
            _ = try end(bot, venue)
        }

        @Test("A report that comes twice counts once") func duplicates() throws {
            let (bot, venue) = try start("order 100% duplicate-reports\n")
            #expect(bot.hasFilled(5), bot.story)
            _ = try end(bot, venue)
        }

        @Test("Reports before the reply, late replies and all else at once") func mixed() throws {
            let (bot, venue) = try start(
                """
                order 30% reports-first
                order 20% delay-reply 300ms
                order 10% drop-reply
                order 10% duplicate-reports
                every 3s gap SPXUSDT
                every 4s cut api
                every 7s shutdown-notice
                """)
            #expect(bot.hasFilled(12, within: 30), bot.story)
            _ = try end(bot, venue)
        }

        @Test("A venue that dies takes no bot with it") func venueDies() throws {
            let (bot, venue) = try start("")
            #expect(bot.hasFilled(1), bot.story)
            venue.process.kill()
            #expect(bot.reaches { $0["ready"].flag == false }, bot.story)
            #expect(bot.process.isRunning)
            let status = bot.process.interrupt(20)
            #expect(status == 0 || status == 7, bot.story)
            _ = try Document(exactly: bot.process.output)
        }
    }
}
