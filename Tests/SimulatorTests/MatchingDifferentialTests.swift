// MatchingDifferentialTests.swift — the core's engine against the slow matcher, on random flow.
import Core
import Testing

@Suite("Matching engine") struct MatchingDifferentialTests {
    @Test("Agrees with the slow matcher on open flow", arguments: 1...60)
    func agreesOnOpenFlow(seed: UInt64) throws {
        try Duel(mode: .open, seed: seed).run(steps: 500)
    }

    @Test("Agrees with the slow matcher on recorded flow", arguments: 1...60)
    func agreesOnRecordedFlow(seed: UInt64) throws {
        try Duel(mode: .recorded, seed: seed).run(steps: 500)
    }
}

/// Both matchers, fed with the same random flow.
private struct Duel {
    private let engine: MatchingEngine
    private var slow: SlowMatcher
    private var random: Random
    private var nextID: UInt64 = 1
    private let mode: MatchingEngine.Mode
    private static let maxOrders: UInt32 = 64

    init(mode: MatchingEngine.Mode, seed: UInt64) throws {
        self.mode = mode
        engine = try MatchingEngine(mode: mode, maxOrders: Self.maxOrders, maxLevels: 256)
        slow = SlowMatcher(mode: mode, maxOrders: Int(Self.maxOrders))
        random = Random(seed: seed)
    }

    func run(steps: Int) throws {
        var duel = self
        for step in 0..<steps {
            let (fast, action) = duel.act()
            let slow = duel.slow.drain()
            try #require(fast == slow, "step \(step): \(action)")
            try duel.compareViews(step)
        }
    }

    private func compareViews(_ step: Int) throws {
        for side in Side.allCases {
            let levels = slow.levels(side)
            try #require(engine.levels(side, limit: 512) == levels, "levels after step \(step)")
            try #require(engine.best(side) == levels.first)
        }
        try #require(engine.liveCount == slow.live.count)
        try #require(engine.lastPrice ?? 0 == slow.lastPrice)
        for order in slow.live {
            try #require(engine.remaining(order.order.id) == order.remaining)
        }
    }

    private mutating func act() -> ([MatchingEngine.Event], String) {
        switch random.below(mode == .open ? 80 : 130) {
        case 0..<55:
            let order = randomOrder()
            slow.place(order)
            return (engine.place(order), "\(order)")
        case 55..<70:
            let id = 1 + random.below(nextID)
            slow.cancel(id)
            return (engine.cancel(id), "cancel \(id)")
        case 70..<80:
            let id =
                slow.live.isEmpty
                ? 1 : slow.live[Int(random.below(UInt64(slow.live.count)))].order.id
            let quantity = Int64(random.below(25))
            slow.amend(id, quantity: quantity)
            return (engine.amend(id, quantity: quantity), "amend \(id) to \(quantity)")
        case 80..<112:
            let (side, price) = (randomSide(), randomPrice())
            let quantity = random.below(3) == 0 ? 0 : Int64(random.below(30))
            slow.setLevel(side, price: price, quantity: quantity)
            return (
                engine.setLevel(side, price: price, quantity: quantity),
                "level \(side) \(price) \(quantity)"
            )
        case 112..<129:
            let (side, price, quantity) = (randomSide(), randomPrice(), 1 + Int64(random.below(30)))
            slow.print(price: price, quantity: quantity, aggressor: side)
            return (
                engine.print(price: price, quantity: quantity, aggressor: side),
                "print \(side) \(price) \(quantity)"
            )
        default:
            slow.clearLevels()
            engine.clearLevels()
            return ([], "clear")
        }
    }

    private mutating func randomSide() -> Side { random.below(2) == 0 ? .buy : .sell }
    private mutating func randomPrice() -> Int64 { 90 + Int64(random.below(21)) }

    /// Mostly sound, sometimes not, over few prices and owners, so that everything happens.
    private mutating func randomOrder() -> MatchingEngine.Order {
        let isReused = random.below(40) == 0
        if !isReused { nextID += 1 }
        let type = OrderType.allCases[Int(random.below(5))]
        let timeInForce = TimeInForce.allCases[Int(random.below(10)) % 5 % 3]
        return MatchingEngine.Order(
            id: nextID - (isReused && nextID > 1 ? random.below(nextID) : 0),
            owner: random.below(5), side: randomSide(), type: type,
            timeInForce: type == .limitMaker && random.below(8) != 0 ? .gtc : timeInForce,
            price: random.below(60) == 0 ? 0 : randomPrice(),
            stopPrice: random.below(60) == 0 ? -1 : randomPrice(),
            quantity: random.below(60) == 0 ? 0 : 1 + Int64(random.below(24)))
    }
}
