// LaneTests.swift — the Swift face of the lane: what goes in by its methods comes out by them.
import Core
import TestKit
import Testing

/// Buys once, with a tag, and keeps what it hears.
private final class Buyer: LaneHandler {
    var price: Int64 = 10_500
    var heard: [OrderState] = []
    var tags: Set<UInt64> = []
    var refusals: [UInt8] = []
    private var isDone = false

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        if let update = call.update {
            heard.append(update.state)
            tags.insert(update.tag)
        } else if let refusal = call.refusal {
            refusals.append(refusal.code)
            tags.insert(refusal.tag)
        } else if !isDone, context.isValid, context.isTrading {
            isDone = true
            intents.place(
                call.event.instrument, .buy, Quantity(lots: 10), type: .limit,
                price: Price(ticks: price), timeInForce: .ioc, tag: 77)
        }
    }
}

@Suite("Lane") struct LaneTests {
    @Test("An order goes out and comes back with its tag")
    func orderAndBack() throws {
        let buyer = Buyer()
        let rig = try LaneRig(seed: 3, handler: buyer)
        rig.keepsNotices = true
        rig.connect()
        rig.run(messages: 200)
        #expect(buyer.heard == [.sent, .live, .partial, .filled])
        #expect(buyer.tags == [77])
        let held = (0..<2).map { rig.lane.position(InstrumentID(slot: $0)).lots }
        #expect(held.sorted() == [0, 10])
        let fills = rig.notices.compactMap { notice -> Fill? in
            guard case .order(_, _, let fill) = notice.content else { return nil }
            return fill
        }
        #expect(fills.map(\.quantity.lots) == [5, 5])
        #expect(rig.lane.orders.map(\.state) == [.filled])
    }

    @Test("A refused order is heard of, and leaves nothing open")
    func refused() throws {
        let buyer = Buyer()
        buyer.price = 20_000
        let rig = try LaneRig(seed: 3, handler: buyer)
        rig.keepsNotices = true
        rig.connect()
        rig.run(messages: 200)
        #expect(buyer.refusals.count == 1)
        #expect(buyer.tags == [77])
        let names = rig.notices.compactMap { notice -> String? in
            guard case .refused(let refusal) = notice.content else { return nil }
            return refusal.name
        }
        #expect(names == ["collar"])
        #expect(rig.lane.orders.isEmpty)
    }

    @Test("A halt of one instrument is not the account's")
    func haltOfOne() throws {
        let rig = try LaneRig(seed: 4, handler: LaneHandler())
        rig.connect()
        rig.run(messages: 50)
        let ticket = try rig.lane.send(.halt(InstrumentID(slot: 1), reason: "test"))
        rig.run(messages: 20)
        #expect(rig.lane.nextAnswer()?.ticket == ticket)
        #expect(rig.lane.trading == .active)
        _ = try rig.lane.send(.halt(.none, reason: "test"))
        rig.run(messages: 20)
        #expect(rig.lane.trading == .halted)
    }

    @Test("A lane made on its journal holds what the last one held")
    func recovery() throws {
        let folder = try TemporaryDirectory()
        let buyer = Buyer()
        for round in 0..<2 {
            let handler = round == 0 ? buyer : LaneHandler()
            let rig = try LaneRig(seed: 3, handler: handler) {
                $0.journalDirectory = folder.path("journal")
                $0.inlineDrain = true
            }
            if round == 0 {
                rig.connect()
                rig.run(messages: 200)
            } else {
                #expect(rig.lane.found?.epoch == 1)
            }
            #expect(rig.lane.orders.map(\.state) == [.filled])
            #expect(rig.lane.orders.first?.filled.lots == 10)
        }
    }

    @Test("A paper lane fills from the market alone")
    func paper() throws {
        let buyer = Buyer()
        let rig = try LaneRig(seed: 5, handler: buyer) {
            $0.paper = PaperConfiguration(latency: 3_000_000, makerFeePPM: 100, takerFeePPM: 1000)
        }
        rig.connect()
        rig.run(messages: 300)
        #expect(rig.venueTrades == 0)
        let held = (0..<2).map { rig.lane.position(InstrumentID(slot: $0)) }
        #expect(held.map(\.lots).sorted() == [0, 10])
        #expect(held.contains { $0.fees.units > 0 })
        #expect(buyer.heard.last == .filled)
    }
}
