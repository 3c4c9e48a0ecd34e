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
