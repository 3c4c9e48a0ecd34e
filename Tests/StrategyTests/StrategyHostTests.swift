// StrategyHostTests.swift — each kind of call reaches the method that is meant for it.
import Core
import Strategy
import TestKit
import Testing

/// Counts its calls; places one order that passes and one that does not.
private struct Counting: Strategy {
    var market = 0
    var orders = 0
    var refusals = 0
    private var step = 0

    mutating func onMarket(_ event: MarketEvent, _ context: LaneContext, _ intents: Intents) {
        market += 1
        guard context.isValid, context.isTrading, step < 2 else { return }
        step += 1
        let price = step == 1 ? context.ask.price : Price(ticks: 50_000)
        intents.place(
            event.instrument, .buy, Quantity(lots: 2), type: .limit, price: price,
            timeInForce: .ioc)
    }

    mutating func onOrder(_ update: OrderUpdate, _ context: LaneContext, _ intents: Intents) {
        orders += 1
    }

    mutating func onRefusal(_ refusal: OrderRefusal, _ context: LaneContext, _ intents: Intents) {
        refusals += 1
    }
}

@Suite("Strategy host") struct StrategyHostTests {
    @Test("Markets, orders and refusals each have their own call")
    func calls() throws {
        let host = StrategyHost(Counting())
        let rig = try LaneRig(seed: 2, handler: host)
        rig.connect()
        rig.run(messages: 300)
        #expect(host.strategy.market >= 300)
        // Sent, live, and two halves of a fill.
        #expect(host.strategy.orders == 4)
        #expect(host.strategy.refusals == 1)
    }
}
