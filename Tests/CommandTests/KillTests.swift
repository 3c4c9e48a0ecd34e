// KillTests.swift — the bot is killed without warning, again and again; nothing is lost.
import Foundation
import Testing

extension CommandTests {
    @Suite("Sudden death") struct KillTests {
        private static let deaths = 10

        @Test("Ten kills at random moments lose and double nothing") func killed() throws {
            let seed = UInt64.random(in: 0...999_999)
            // A failing seed is repeated by writing it here.
            var random = Chance(seed)
            let folder = try Folder()
            let venue = try Venue(in: folder)
            try folder.write(".env", venue.environmentFile)
            var fills: [Int] = []
            for _ in 0..<Self.deaths {
                let bot = try start(folder, venue)
                Thread.sleep(forTimeInterval: random.next(from: 1, to: 4))
                #expect(bot.process.isRunning, bot.story)
                fills.append(held(bot))
                Thread.sleep(forTimeInterval: random.next(from: 0, to: 0.05))
                bot.process.kill()
            }
            print("kill test: seed \(seed), fills before each death \(fills)")
            #expect(try #require(fills.max()) > 20, "seed \(seed): too little traded")
            try expectWholeAgain(try start(folder, venue), venue, seed)
        }

        /// Fills that the positions are made of, those of earlier starts included.
        private func held(_ bot: Bot) -> Int {
            let positions = (try? bot.ask("positions").document().list) ?? []
            return positions.reduce(0) { $0 + ($1["fills"].number ?? 0) }
        }

        private func start(_ folder: Folder, _ venue: Venue) throws -> Bot {
            try Bot(in: folder, configuration: venue.configuration(mode: "live"))
        }

        private func expectWholeAgain(_ bot: Bot, _ venue: Venue, _ seed: UInt64) throws {
            #expect(bot.isReady(), bot.story)
            #expect(
                bot.reaches { $0["unknown_orders"].number == 0 },
                "seed \(seed): an outcome was never proven")
            #expect(try bot.expect("halt")["done"].flag == true)
            let status = try bot.expect("status")
            #expect(status["epoch"].number == Self.deaths + 1, "seed \(seed)")
            #expect(!status["journal_problem"].exists)
            try Agreement.check(bot, venue)
            #expect(bot.process.interrupt() == 0, bot.story)
        }
    }
}

/// SplitMix64: a few numbers that a seed brings back.
private struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(from low: Double, to high: Double) -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return low + (high - low) * Double((mixed ^ mixed >> 31) >> 11) / Double(1 << 53)
    }
}
