// KillTests.swift — the bot is killed without warning, again and again; nothing is lost.
import Foundation
import Testing

extension CommandTests {
    @Suite("Sudden death") struct KillTests {
        /// `NEEDLETAIL_KILLS=200` kills more often.
        private static let kills =
            ProcessInfo.processInfo.environment["NEEDLETAIL_KILLS"].flatMap { Int($0) } ?? 10
        /// `NEEDLETAIL_KILL_SEED=N` repeats the moments of a run that failed.
        private static let seed =
            ProcessInfo.processInfo.environment["NEEDLETAIL_KILL_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0...999_999)
        /// A bot is killed so often before the next one begins with a new journal.
        private static let perBot = 10

        @Test("Kills at random moments lose and double nothing, seen after each restart")
        func killed() throws {
            var chance = Chance(Self.seed)
            var sum = Sum()
            while sum.kills < Self.kills {
                try live(min(Self.perBot, Self.kills - sum.kills), &chance, &sum)
            }
            print(
                "kills \(sum.kills), \(sum.early) of them before it was ready; restarts checked "
                    + "\(sum.checks), orders \(sum.orders), fills \(sum.fills), seed \(Self.seed)")
            #expect(sum.fills > 2 * Self.kills, "seed \(Self.seed): too little traded")
        }

        private struct Sum {
            var kills = 0, early = 0, checks = 0, orders = 0, fills = 0
        }

        /// One bot with one journal: killed, started and held against the venue, over and over.
        private func live(_ kills: Int, _ chance: inout Chance, _ sum: inout Sum) throws {
            let folder = try Folder()
            let venue = try Venue(in: folder, seed: 7 + sum.kills)
            try folder.write(".env", venue.environmentFile)
            let before = sum.early
            for kill in 0...kills {
                let bot = try start(folder, venue)
                // One in four dies while it starts, in the middle of its recovery.
                let isEarly = kill < kills && chance.next(from: 0, to: 1) < 0.25
                if !isEarly {
                    try expectWhole(bot, venue, start: kill + 1, early: sum.early - before, &sum)
                }
                if kill == kills { break }
                if isEarly {
                    sum.early += 1
                    Thread.sleep(forTimeInterval: chance.next(from: 0, to: 1))
                } else {
                    #expect(try bot.expect("resume")["done"].flag == true, bot.story)
                    Thread.sleep(forTimeInterval: chance.next(from: 1, to: 4))
                }
                #expect(bot.process.isRunning, bot.story)
                bot.process.kill()
                sum.kills += 1
            }
            let account = try venue.account()
            for symbol in venue.symbols {
                sum.orders += account["orders"][symbol].list.count
                sum.fills += account["trades"][symbol].list.count
            }
        }

        private func start(_ folder: Folder, _ venue: Venue) throws -> Bot {
            try Bot(in: folder, configuration: venue.configuration(mode: "live"))
        }

        /// Every order of the venue is known, every fill counted once, nothing is in doubt.
        private func expectWhole(
            _ bot: Bot, _ venue: Venue, start: Int, early: Int, _ sum: inout Sum
        ) throws {
            let place = "start \(start) of a bot, after \(sum.kills) kills, seed \(Self.seed)"
            #expect(bot.isReady(), "\(place)\n\(bot.story)")
            #expect(
                bot.reaches { $0["unknown_orders"].number == 0 },
                "\(place): an outcome was never proven")
            #expect(try bot.expect("halt")["done"].flag == true, "\(place)")
            let status = try bot.expect("status")
            // One that died before it opened its journal has no epoch.
            let epoch = try #require(status["epoch"].number)
            #expect((start - early...start).contains(epoch), "\(place): epoch \(epoch)")
            #expect(!status["journal_problem"].exists, "\(place)")
            try Agreement.check(bot, venue)
            sum.checks += 1
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
