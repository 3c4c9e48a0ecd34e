// LedgerTests.swift — fills once, equal to the lane, equal to a slow reference without rounding.
import Core
import Execution
import TestKit
import Testing

private let one = InstrumentID(slot: 0)

private func fill(
    _ trade: Int64, _ side: Side, _ price: Int64, _ lots: Int64, fee: Int64 = 0
) -> Fill {
    Fill(
        instrument: one, order: .none, trade: trade, side: side, price: Price(ticks: price),
        quantity: Quantity(lots: lots), fee: Money(units: fee), feeAsset: "Q", isMaker: false,
        time: 0)
}

/// Ticks times lots in units of 1e-8 of the quote: both have two decimals here.
private func value(_ price: Int64, _ lots: Int64) -> Int64 { price * lots * 10_000 }

/// The rules of average cost, one after the other, in plain integers: what closes takes its share
/// of the cost, rounded towards zero; what turns the position is a close and an opening.
private struct SlowPosition {
    var lots: Int64 = 0
    var cost: Int64 = 0
    var realised: Int64 = 0
    /// Received less paid: whatever the path, realised − cost.
    var cash: Int64 = 0

    mutating func fill(_ side: Side, _ price: Int64, _ quantity: Int64) {
        let sign: Int64 = side == .buy ? 1 : -1
        cash -= sign * value(price, quantity)
        let closing = lots * sign < 0 ? min(abs(lots), quantity) : 0
        if closing > 0 {
            let share = cost * closing / abs(lots)
            realised += -sign * value(price, closing) - share
            cost -= share
            lots += sign * closing
        }
        cost += sign * value(price, quantity - closing)
        lots += sign * (quantity - closing)
    }
}

/// Trades back and forth at random, both instruments.
private final class Restless: LaneHandler {
    private var random: Random

    init(seed: UInt64) { random = Random(seed: seed) }

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        guard call.update == nil, call.refusal == nil, context.isValid, context.isTrading,
            random.below(10) == 0
        else { return }
        let buys = random.below(2) == 0
        let touch = buys ? context.ask.price.ticks : context.bid.price.ticks
        let price = touch + Int64(random.below(9)) - 4
        intents.place(
            call.event.instrument, buys ? .buy : .sell,
            Quantity(lots: 1 + Int64(random.below(30))), type: .limit, price: Price(ticks: price),
            timeInForce: random.below(2) == 0 ? .ioc : .gtc)
    }
}

@Suite("Ledger") struct LedgerTests {
    private let instruments = LaneRig.instruments(2)

    @Test("Counts a fill once, however often it is told")
    func once() throws {
        var ledger = Ledger(instruments: instruments)
        #expect(try ledger.apply(fill(1, .buy, 10_000, 10, fee: 5)))
        #expect(try !ledger.apply(fill(1, .buy, 10_000, 10, fee: 5)))
        #expect(ledger.positions[0].lots == 10)
        #expect(ledger.positions[0].fees.units == 5)
        // The same id on another instrument is another trade.
        var other = fill(1, .buy, 10_000, 10)
        other.instrument = InstrumentID(slot: 1)
        #expect(try ledger.apply(other))
    }

    @Test("Refuses an instrument that it does not know")
    func unknownInstrument() {
        var ledger = Ledger(instruments: instruments)
        var stray = fill(1, .buy, 10_000, 10)
        stray.instrument = InstrumentID(slot: 9)
        #expect(throws: CoreError.self) { try ledger.apply(stray) }
        stray.instrument = .none
        #expect(throws: CoreError.self) { try ledger.apply(stray) }
    }

    @Test("Profit is what was earned, what could be earned, less the fees")
    func profit() throws {
        var ledger = Ledger(instruments: instruments)
        try ledger.apply(fill(1, .buy, 10_000, 10, fee: 7))
        try ledger.apply(fill(2, .sell, 10_100, 4, fee: 3))
        let profit = ledger.profit(one, mark: Price(ticks: 9_900))
        #expect(profit.realised.units == value(100, 4))
        #expect(profit.unrealised.units == value(-100, 6))
        #expect(profit.fees.units == 10)
        #expect(profit.net.units == value(100, 4) - value(100, 6) - 10)
        #expect(ledger.profit(one, mark: nil).unrealised == .zero)
        #expect(ledger.profit(marks: [Price(ticks: 9_900), nil]) == profit)
    }

    @Test("Agrees with a slow reference on random fills", arguments: 1...40)
    func agreesWithSlow(seed: UInt64) throws {
        var random = Random(seed: seed)
        var ledger = Ledger(instruments: instruments)
        var slow = SlowPosition()
        for trade in 1...200 {
            let side: Side = random.below(2) == 0 ? .buy : .sell
            let price = 9_000 + Int64(random.below(2_000))
            let lots = 1 + Int64(random.below(50))
            try ledger.apply(fill(Int64(trade), side, price, lots))
            slow.fill(side, price, lots)
            let position = ledger.positions[0]
            #expect(position.lots == slow.lots)
            #expect(position.cost.units == slow.cost)
            #expect(position.realised.units == slow.realised)
            // Whatever the path: money now and what is held at any mark is the whole profit.
            let profit = ledger.profit(one, mark: Price(ticks: price))
            let whole = slow.cash + value(price, slow.lots)
            #expect((profit.realised + profit.unrealised).units == whole)
        }
    }

    @Test("Equals the lane's positions after a random life", arguments: 1...8)
    func equalsLane(seed: UInt64) throws {
        let rig = try LaneRig(seed: seed, handler: Restless(seed: seed)) {
            for slot in $0.instrumentLimits.indices { $0.instrumentLimits[slot].allowShort = true }
        }
        rig.keepsNotices = true
        rig.connect()
        rig.run(messages: 2_000)
        let ledger = try ledger(of: rig)
        for slot in 0..<2 {
            let instrument = InstrumentID(slot: UInt32(slot))
            let position = rig.lane.position(instrument)
            #expect(ledger.difference(instrument, lane: position) == nil)
            #expect(position.lots == rig.venuePosition(instrument))
        }
        #expect(rig.lane.counters.fills > 50)
        #expect(rig.lane.counters.fills == rig.venueTrades)
    }

    private func ledger(of rig: LaneRig) throws -> Ledger {
        var ledger = Ledger(instruments: rig.instruments)
        for notice in rig.notices {
            guard case .order(_, _, let fill?) = notice.content else { continue }
            try ledger.apply(fill)
        }
        return ledger
    }

    private func life(seed: UInt64) throws -> (state: UInt64, positions: [PositionSnapshot]) {
        let rig = try LaneRig(seed: seed, handler: Restless(seed: seed)) {
            for slot in $0.instrumentLimits.indices { $0.instrumentLimits[slot].allowShort = true }
        }
        rig.keepsNotices = true
        rig.connect()
        rig.run(messages: 3_000)
        return (rig.lane.stateHash, try ledger(of: rig).positions)
    }

    @Test("Two lives of one seed end with the same hash and the same ledger")
    func sameSeed() throws {
        let first = try life(seed: 11)
        let second = try life(seed: 11)
        let other = try life(seed: 12)
        #expect(first.state == second.state)
        #expect(first.positions == second.positions)
        #expect(first.state != other.state)
        #expect(first.positions != other.positions)
    }
}
