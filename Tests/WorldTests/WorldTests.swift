// WorldTests.swift — lives of the seeded world: nothing forbidden happens, all agree at the end.
// `make test` lives more of them through the program.
import Foundation
import Testing
import World

@Suite("Seeded world") struct WorldTests {
    /// `NEEDLETAIL_SEEDS=1000` lives more.
    private static let seeds =
        ProcessInfo.processInfo.environment["NEEDLETAIL_SEEDS"].flatMap { UInt64($0) } ?? 20

    @Test("Equal seeds live equal lives") func repeats() throws {
        let first = try World.run(WorldOptions(seed: 11))
        let second = try World.run(WorldOptions(seed: 11))
        #expect(first == second)
        #expect(try World.run(WorldOptions(seed: 12)).hash != first.hash)
    }

    /// `NEEDLETAIL_WORLD=2` lives one seed and tells it.
    @Test(
        "One seed, told",
        .enabled(if: ProcessInfo.processInfo.environment["NEEDLETAIL_WORLD"] != nil))
    func told() throws {
        let text = ProcessInfo.processInfo.environment["NEEDLETAIL_WORLD"] ?? ""
        var options = WorldOptions(seed: try #require(UInt64(text)))
        options.trace = { print($0) }
        print(try World.run(options))
    }

    @Test("Whatever goes wrong, no order is lost, doubled or guessed at") func lives() throws {
        var total = WorldReport()
        total.seeds = 0
        for seed in 1...Self.seeds {
            let report = try World.run(WorldOptions(seed: seed))
            for violation in report.violations {
                Issue.record("seed \(seed): \(violation)")
            }
            total.add(report)
        }
        #expect(total.intents >= 50 * total.seeds)
        #expect(total.events >= 2000 * total.seeds)
        #expect(total.unknown.made > 0 && total.unknown.byAbsence > 0)
        #expect(total.restarts > 0 && total.fills > 0)
    }
}
