// FaultMix.swift — a schedule drawn from a seed, as the lines of a script that repeats it.
import Core

enum FaultMix: String, CaseIterable {
    /// Every fault, each for at most three seconds, on any route; the last tenth is quiet.
    case standard

    /// The same seed, routes and length draw the same lines. `milliseconds`: length of it all.
    func rules(seed: UInt64, routes: [String], milliseconds: Int64) -> [FaultRule] {
        var random = Random(seed: seed)
        var rules: [FaultRule] = []
        let end = milliseconds * 9 / 10
        var time = between(300, 1_000, &random)
        while time < end {
            let fault = draw(&random)
            let length = min(between(200, 3_000, &random), end - time)
            let index = Int(random.below(UInt64(routes.count + 1)))
            rules.append(
                FaultRule(
                    trigger: .after(milliseconds: time),
                    target: Target(route: index < routes.count ? routes[index] : nil), fault: fault,
                    duration: fault.lasts ? max(length, 1) : nil))
            time += between(300, 2_500, &random)
        }
        return rules
    }

    private func draw(_ random: inout Random) -> Fault {
        let way = Direction.allCases[Int(random.below(UInt64(Direction.allCases.count)))]
        switch random.below(12) {
        case 0: return .delay(way, milliseconds: between(20, 600, &random))
        case 1: return .lose(way)
        case 2: return .stall(way)
        case 3: return .drip(way, bytesPerSecond: between(50, 20_000, &random))
        case 4: return .halfOpen
        case 5: return .refuse
        case 6: return .stallAccept
        case 7: return .duplicate
        case 8: return .hangUp
        case 9: return .cut(way, after: between(1, 20_000, &random))
        case 10: return .cutMidRecord(way)
        default: return .reset
        }
    }

    private func between(_ low: Int64, _ high: Int64, _ random: inout Random) -> Int64 {
        low + Int64(random.below(UInt64(high - low)))
    }
}
