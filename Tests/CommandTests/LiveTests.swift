// LiveTests.swift — orders at the simulated venue: keys, faults, foreign and damaged journals.
import Foundation
import Testing

extension CommandTests {
    @Suite("Live trading on the simulator") struct LiveTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        private func start(_ venue: Venue, key: String? = nil) throws -> Bot {
            try folder.write(".env", key ?? venue.environmentFile)
            return try Bot(in: folder, configuration: venue.configuration(mode: "live"))
        }

        @Test("Trades with either kind of key", arguments: [false, true])
        func trades(usesEd25519: Bool) throws {
            let venue = try Venue(in: folder)
            let key = usesEd25519 ? venue.ed25519EnvironmentFile : venue.environmentFile
            let bot = try start(venue, key: key)
            #expect(bot.hasFilled(3), bot.story)
            #expect(try bot.expect("halt")["done"].flag == true)
            try Agreement.check(bot, venue)
            #expect(bot.process.interrupt() == 0, bot.story)
            let summary = try Document(exactly: bot.process.output)
            #expect(summary["match_mode"].text == "venue")
            #expect(summary["unknown"].number == 0 && summary["open_orders"].number == 0)
        }

        @Test("A halted bot starts halted, and tells of its own run only") func startsHalted()
            throws
        {
            let venue = try Venue(in: folder)
            let bot = try start(venue)
            #expect(bot.hasFilled(3), bot.story)
            _ = try bot.expect("halt", ["--reason", "lunch"])
            #expect(bot.process.interrupt() == 0, bot.story)
            let again = try start(venue)
            #expect(again.isReady(), again.story)
            #expect(try again.expect("status")["trading"].text == "halted")
            try Agreement.check(again, venue)
            #expect(again.process.interrupt() == 0, again.story)
            let summary = try Document(exactly: again.process.output)
            #expect(summary["orders"].number == 0 && summary["fills"].number == 0)
        }

        @Test("With a wrong key it says what the venue said, and does not trade")
        func wrongKey() throws {
            let venue = try Venue(in: folder)
            let wrong = String(repeating: "x", count: 64)
            let bot = try start(
                venue, key: "BINANCE_API_KEY=\(wrong)\nBINANCE_API_SECRET=\(wrong)\n")
            #expect(
                eventually(within: 10) {
                    bot.process.errors.contains("-2015")
                        || bot.process.errors.contains("-2014")
                }, bot.story)
            if bot.process.isRunning {
                let status = try bot.expect("status")
                #expect(status["ready"].flag == false)
                #expect(status["counters"]["orders_sent"].number == 0)
            }
            #expect(!bot.process.errors.contains(wrong))
        }

        @Test("A journal that was damaged is refused with file and offset")
        func damagedJournal() throws {
            let venue = try Venue(in: folder)
            let bot = try start(venue)
            #expect(bot.hasFilled(2), bot.story)
            #expect(bot.process.interrupt() == 0, bot.story)
            let file = try damageFirstSegment()
            let again = try Program.run(["run", "-c", "bot.yaml", "--json"], in: folder)
            #expect(again.status == 6, "\(again.errors)")
            let error = try #require(try again.document()["error"].text)
            #expect(error.contains(file) && error.contains("offset"), "\(error)")
        }

        /// Flips bits in the middle of what the first segment holds; returns its name.
        private func damageFirstSegment() throws -> String {
            let journal = URL(fileURLWithPath: "\(folder.path)/state/journal")
            let names = try FileManager.default.contentsOfDirectory(atPath: journal.path).sorted()
            let name = try #require(names.first { $0.hasSuffix(".ntj") })
            let path = journal.appendingPathComponent(name)
            var bytes = try Data(contentsOf: path)
            let end = try #require(bytes.lastIndex { $0 != 0 })
            #expect(end > 8192)
            for offset in (end / 2)..<(end / 2 + 16) { bytes[offset] ^= 0x55 }
            let handle = try FileHandle(forWritingTo: path)
            try handle.write(contentsOf: bytes)
            return name
        }

        @Test("A journal of another account is refused") func foreignJournal() throws {
            let venue = try Venue(in: folder)
            let bot = try start(venue)
            #expect(bot.isReady(), bot.story)
            #expect(bot.process.interrupt() == 0, bot.story)
            try folder.write(".env", venue.ed25519EnvironmentFile)
            let other = try Program.run(["run", "-c", "bot.yaml", "--json"], in: folder)
            #expect(other.status == 3, "\(other.errors)")
            #expect(try other.document()["error"].text?.contains("another account") == true)
        }

        @Test("A data directory that others can write into is refused") func openDirectory() throws
        {
            let venue = try Venue(in: folder)
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/state", withIntermediateDirectories: false)
            chmod("\(folder.path)/state", 0o777)
            let bot = try start(venue)
            #expect(bot.process.wait(10) == 2, bot.story)
            #expect(bot.process.errors.contains("chmod go-w"))
        }

        @Test("A port in use is named") func portInUse() throws {
            let venue = try Venue(in: folder)
            let port = venue.port
            let second = try Program.run(
                ["sim", "serve", "--port", port, "--state-dir", "other", "--json"], in: folder)
            #expect(try #require(second.status) > 0)
            #expect(try second.document()["error"].text?.contains(port) == true)
            #expect(second.errors.contains("in use"))
        }
    }
}
