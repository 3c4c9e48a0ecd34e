// EmaCrossTests.swift — in when the fast average crosses above the slow one, out when below.
import Core
import EmaCross
import Strategy
import TestKit
import Testing

/// Looks over the strategy's shoulder after each call.
private final class Watched: LaneHandler {
    private let host: StrategyHost<EmaCross>
    var least: Int64 = 0
    var most: Int64 = 0
    var mostOpen: UInt32 = 0
    var entries = 0

    init(_ strategy: EmaCross) {
        host = StrategyHost(strategy)
        super.init()
    }

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        host.decide(context, call, intents)
        least = min(least, context.positionLots)
        most = max(most, context.positionLots)
        mostOpen = max(mostOpen, context.openOrders)
        if let update = call.update, update.isFill, update.side == .buy { entries += 1 }
    }
}

private func parameters(_ lots: Int64) -> EmaCrossParameters {
    EmaCrossParameters(fast: 3, slow: 9, sampleInterval: 20_000_000, lots: [lots, lots])
}

@Suite("EmaCross") struct EmaCrossTests {
    @Test("Goes long and out again, never short, never more than its size", arguments: 1...10)
    func staysInBounds(seed: UInt64) throws {
        let watched = Watched(EmaCross(parameters(20)))
        let rig = try LaneRig(seed: seed, handler: watched)
        rig.connect()
        rig.run(messages: 8_000)
        #expect(watched.entries > 10)
        #expect(watched.least == 0)
        #expect(watched.most == 20)
        #expect(watched.mostOpen <= 1)
        for slot in 0..<2 {
            let instrument = InstrumentID(slot: UInt32(slot))
            #expect(rig.lane.position(instrument).lots == rig.venuePosition(instrument))
        }
    }

    @Test("Trades a position of a single lot")
    func oneLot() throws {
        let watched = Watched(EmaCross(parameters(1)))
        let rig = try LaneRig(seed: 1, handler: watched)
        rig.connect()
        rig.run(messages: 4_000)
        #expect(watched.entries > 1)
        #expect(watched.most == 1)
        #expect(watched.least == 0)
    }

    @Test("Does nothing before both averages are defined")
    func warmsUp() throws {
        let watched = Watched(EmaCross(parameters(20)))
        let rig = try LaneRig(seed: 1, handler: watched)
        rig.connect()
        rig.run(messages: 150)  // Under nine samples of 20 ms.
        #expect(rig.lane.counters.intents == 0)
    }

    @Test("Decides alike on the same market")
    func sameMarket() throws {
        let hashes = try (0..<2).map { _ in
            let rig = try LaneRig(seed: 9, handler: StrategyHost(EmaCross(parameters(20))))
            rig.connect()
            rig.run(messages: 4_000)
            return rig.lane.stateHash
        }
        #expect(hashes[0] == hashes[1])
    }
}
