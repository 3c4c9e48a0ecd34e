// ProxyMixTests.swift — a schedule of every fault, drawn from a seed, between bot and venue.
//
// `NEEDLETAIL_FAULT_SEEDS=100-140` runs others than the three of every day.
import Foundation
import Testing

extension CommandTests {
    @Suite("A network that fails by seed") struct ProxyMixTests {
        /// At once, on this machine.
        private static let together = 3

        private static let seeds: [UInt64] = {
            let text = ProcessInfo.processInfo.environment["NEEDLETAIL_FAULT_SEEDS"] ?? "1-3"
            let ends = text.split(separator: "-").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }()

        @Test("Nothing is lost or doubled, and the bot comes back by itself") func mix() throws {
            #expect(!Self.seeds.isEmpty, "NEEDLETAIL_FAULT_SEEDS is a seed or a range such as 1-3")
            for start in stride(from: 0, to: Self.seeds.count, by: Self.together) {
                try run(Array(Self.seeds[start...].prefix(Self.together)))
            }
        }

        private func run(_ seeds: [UInt64]) throws {
            let bots = try seeds.map { (seed: $0, bot: try Exposed(seed: $0)) }
            for (seed, bot) in bots { #expect(bot.recovers(), "seed \(seed)\n\(bot.story)") }
            for (seed, bot) in bots {
                let answer = try bot.network.tell("mix standard \(seed) 15s")
                #expect(!answer["script"].list.isEmpty)
            }
            Thread.sleep(forTimeInterval: 15)
            for (seed, bot) in bots {
                #expect(bot.recovers(within: 90), "seed \(seed)\n\(bot.story)")
                let counters = try bot.network.counters()
                #expect(!counters["faults"].keys.isEmpty, "seed \(seed): nothing happened")
                try bot.expectWhole()
                print("fault mix: seed \(seed), faults \(counters["faults"].keys)")
            }
        }
    }
}
