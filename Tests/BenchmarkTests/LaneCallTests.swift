// LaneCallTests.swift — the lane's call into Swift: no allocation, no isolation check.
//
// A closure that is given to C and formed on an actor asks the runtime on every call which executor
// it runs on; that costs thirty times the call. The questions are counted, not timed.
import AllocationCounter
import Benchmarks
import Core
import ExecutorChecks
import TestKit
import Testing

@MainActor private enum Isolated {
    static var calls = 0

    /// Gives C a closure that is formed on the main actor: the trap.
    static func run(times: UInt32) {
        executor_checks_call({ _ in Isolated.calls += 1 }, nil, times)
    }
}

/// Formed in a nonisolated place, as the lane's is.
private nonisolated func plainCallback() -> @convention(c) (UnsafeMutableRawPointer?) -> Void {
    { context in context?.assumingMemoryBound(to: Int.self).pointee += 1 }
}

private final class Counting: LaneHandler {
    private(set) var calls = 0
    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        calls += 1
    }
}

@Suite("The lane's call into Swift") struct LaneCallTests {
    @Test("The counter sees a closure that was formed on an actor") @MainActor
    func seesIsolatedClosure() {
        _ = executor_checks_take()
        let before = Isolated.calls
        Isolated.run(times: 100)
        #expect(executor_checks_take() >= 100)
        #expect(Isolated.calls - before == 100)
    }

    @Test("The counter sees nothing in a closure that was formed outside of any")
    func seesPlainClosure() {
        var calls = 0
        _ = executor_checks_take()
        executor_checks_call(plainCallback(), &calls, 100)
        #expect(executor_checks_take() == 0)
        #expect(calls == 100)
    }

    @Test("A thousand ticks through the lane check no isolation") @MainActor
    func lanesCallChecksNothing() throws {
        let handler = Counting()
        let rig = try LaneRig(seed: 1, handler: handler)
        rig.connect()
        rig.run(messages: 100)
        let before = handler.calls
        _ = executor_checks_take()
        for _ in 0..<1000 { rig.step() }
        #expect(executor_checks_take() == 0)
        #expect(handler.calls - before >= 1000)
    }

    @Test("Messages, decisions and orders of the lane benchmark allocate nothing")
    func laneAllocatesNothing() throws {
        var options = BenchmarkOptions()
        options.size = .tiny
        let rows = try BenchmarkRun.run([.lane], options, command: "test").results
        #expect(rows.count == 3)
        let wanted: Int? = allocation_counter_works() ? 0 : nil
        #expect(rows.allSatisfy { $0.allocations == wanted })
    }
}
