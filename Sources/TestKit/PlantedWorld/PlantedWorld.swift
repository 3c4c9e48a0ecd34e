// PlantedWorld.swift — lives seeds of the world in a build with planted bugs until one fails.
//
// `Tools/planted` starts it once for each bug, chosen by NEEDLETAIL_PLANTED_BUG. Each seed is told
// before it is lived, so that a life which crashes or never ends has a number as well.
import Foundation
import World

@main
struct PlantedWorld {
    /// Exit codes: 0 every seed is clean, 1 a promise was broken, 2 usage.
    static func main() {
        guard CommandLine.arguments.count == 2, let seeds = UInt64(CommandLine.arguments[1]) else {
            say("usage: needletail-planted SEEDS")
            exit(2)
        }
        for seed in 1...max(seeds, 1) {
            say("seed \(seed)")
            if let found = violation(of: seed) {
                say("caught \(found)")
                exit(1)
            }
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static func violation(of seed: UInt64) -> String? {
        do {
            return try World.run(WorldOptions(seed: seed)).violations.first
        } catch {
            return "the life could not be lived: \(error)"
        }
    }
}
