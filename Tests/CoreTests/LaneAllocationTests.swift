// LaneAllocationTests.swift — a million ticks through a Swift strategy take nothing from the heap.
import AllocationCounter
import Core
import EmaCross
import Strategy
import TestKit
import Testing

/// Something to allocate on purpose.
private final class Something {
    var value = 1

    /// Out of the optimiser's sight, which would put the object on the stack.
    @inline(never) static func make() -> Something { Something() }
}

@Suite("Allocation counter") struct AllocationCounterTests {
    @Test("Counts exactly one for one malloc", .enabled(if: allocation_counter_works()))
    func countsOne() {
        allocation_counter_begin()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 8)
        let count = allocation_counter_end()
        memory.deallocate()
        #expect(count == 1)
    }

    @Test("Counts a Swift object", .enabled(if: allocation_counter_works()))
    func countsObject() {
        allocation_counter_begin()
        let object = Something.make()
        let count = allocation_counter_end()
        #expect(object.value == 1)
        #expect(count >= 1)
    }

    @Test("Counts nothing when nothing is taken", .enabled(if: allocation_counter_works()))
    func countsNothing() {
        allocation_counter_begin()
        var sum = 0
        for index in 0..<1000 { sum &+= index }
        let count = allocation_counter_end()
        #expect(sum == 499_500)
        #expect(count == 0)
    }
}

/// A strategy that takes an object from the heap each time.
private final class Wasteful: LaneHandler {
    private var last: Something?

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        last = .make()
    }
}

/// Buys, offers all of it far away, then leaves: first a part, then the rest.
private final class Leaver: LaneHandler {
    private var turns: [Int] = [0, 0]

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        guard call.update == nil, call.refusal == nil, context.isTrading else { return }
        let instrument = call.event.instrument
        turns[Int(instrument.slot)] += 1
        switch turns[Int(instrument.slot)] % 40 {
        case 1:
            intents.place(
                instrument, .buy, Quantity(lots: 10), type: .limit,
                price: Price(ticks: context.ask.price.ticks + 50), timeInForce: .ioc)
        case 10:
            let far = Price(ticks: context.bid.price.ticks + 400)
            intents.exit(instrument, type: .limit, price: far)
        case 20: intents.exit(instrument, Quantity(lots: 4))
        case 30: intents.exit(instrument)
        default: break
        }
    }
}

@Suite("Lane allocations") struct LaneAllocationTests {
    @Test("See a strategy that allocates", .enabled(if: allocation_counter_works()))
    func seesWaste() throws {
        let rig = try LaneRig(seed: 1, handler: Wasteful())
        rig.connect()
        rig.run(messages: 100)
        allocation_counter_begin()
        for _ in 0..<100 { rig.step() }
        #expect(allocation_counter_end() >= 90)
    }

    @Test("Exits in the place of others allocate nothing", .enabled(if: allocation_counter_works()))
    func exits() throws {
        let rig = try LaneRig(seed: 2, handler: Leaver())
        rig.connect()
        rig.run(messages: 2000)
        let before = rig.lane.counters
        var allocations: UInt64 = 0
        for _ in 0..<100 {
            allocation_counter_begin()
            for _ in 0..<200 { rig.step() }
            allocations += allocation_counter_end()
            rig.services()
            for slot in 0..<2 {
                let id = InstrumentID(slot: UInt32(slot))
                #expect(rig.lane.openLots(id).sell <= max(0, rig.lane.position(id).lots))
            }
        }
        let after = rig.lane.counters
        #expect(allocations == 0)
        #expect(after.ordersSent - before.ordersSent > 200)
        #expect(after.cancelsSent - before.cancelsSent > 50)
        #expect(after.fills - before.fills > 200)
    }

    @Test(
        "A million ticks with orders and fills allocate nothing",
        .enabled(if: allocation_counter_works(), "the address sanitizer has the allocator"))
    func millionTicks() throws {
        let folder = try TemporaryDirectory()
        let strategy = EmaCross(
            EmaCrossParameters(
                fast: 5, slow: 15, sampleInterval: 20_000_000, lots: [20, 20],
                slippagePPM: 500))
        let rig = try LaneRig(seed: 1, handler: StrategyHost(strategy)) { configuration in
            configuration.journalDirectory = folder.path("journal")
            configuration.tapeDirectory = folder.path("tape")
            configuration.tapeMaxBytes = 64 << 20
        }
        rig.connect()
        rig.run(messages: 20_000)
        let before = rig.lane.counters
        var allocations: UInt64 = 0
        // The services' part between the rounds may allocate; the lane's may not.
        for _ in 0..<500 {
            allocation_counter_begin()
            for _ in 0..<2000 { rig.step() }
            allocations += allocation_counter_end()
            rig.services()
        }
        let after = rig.lane.counters
        #expect(allocations == 0)
        #expect(after.messages - before.messages >= 1_000_000)
        #expect(after.ordersSent - before.ordersSent > 1000)
        #expect(after.fills - before.fills > 1000)
        #expect(after.undecodable == 0)
        #expect(rig.lane.trading == .active)
        #expect(rig.lane.durableSequence > 1000)
    }
}
