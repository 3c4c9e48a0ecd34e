// GuardWatchTests.swift — what the guard makes of a pulse, turn by turn.
import Core
import Testing

@testable import Bot

@Suite("The guard's look at the bot") struct GuardWatchTests {
    private static let turn: Int64 = 100
    private var watch = GuardWatch(limit: 1_000, turn: turn)
    private var now: Int64 = 5_000
    private var view = Pulse.View(isAlive: true, state: .up, pid: 9, run: 1)

    /// After `passed`; nil: one turn of the guard.
    private mutating func look(after passed: Int64 = turn) -> GuardWatch.Event? {
        now += passed
        return watch.look(view, now: now)
    }

    @Test("A lane that turns is watched, however slowly") mutating func turns() {
        #expect(look() == .watching(run: 1))
        for _ in 0..<50 {
            for _ in 0..<9 { #expect(look() == nil) }
            view.turns += 1
            #expect(look() == nil)
        }
    }

    @Test("Without a turn for so long it hangs, once") mutating func hangs() {
        #expect(look() == .watching(run: 1))
        for _ in 0..<9 { #expect(look() == nil) }
        #expect(look() == .strike(.hung, view))
        for _ in 0..<30 { #expect(look() == nil) }
    }

    @Test("A bot that wakes up has recovered, and may hang again") mutating func wakes() {
        #expect(look() == .watching(run: 1))
        for _ in 0..<10 { _ = look() }
        view.turns += 1
        #expect(look() == .recovered(run: 1))
        for _ in 0..<9 { #expect(look() == nil) }
        #expect(look() == .strike(.hung, view))
    }

    @Test("A machine that stood still, or a clock that jumped, is no bot that hangs")
    mutating func jump() {
        #expect(look() == .watching(run: 1))
        #expect(look(after: 1_000_000_000) == nil)
        view.turns += 1
        #expect(look() == nil)
        #expect(look(after: -1_000_000_000) == nil)
        view.turns += 1
        #expect(look() == nil)
    }

    @Test("Gone without having ended is a death", arguments: [Pulse.State.up, .starting])
    mutating func dies(state: Pulse.State) {
        _ = look()
        view.state = state
        view.isAlive = false
        #expect(look() == .strike(.died, view))
        #expect(look() == nil)
    }

    @Test("A death that was dealt with, an end on purpose and nothing are no deaths")
    mutating func quiet() {
        view.isAlive = false
        for state in [Pulse.State.none, .settled] {
            view.state = state
            #expect(look() == nil)
        }
        view.state = .ended
        #expect(look() == .ended(run: 1))
        #expect(look() == nil)
    }

    @Test("An end with orders left is struck without a death") mutating func failed() {
        _ = look()
        view.state = .failed
        #expect(look() == .strike(.failed, view))
        view.isAlive = false
        #expect(look() == nil)
    }

    @Test("A start that takes its time does not hang") mutating func starts() {
        view.state = .starting
        for _ in 0..<100 { #expect(look() == nil) }
        view.state = .up
        view.turns += 1
        #expect(look() == .watching(run: 1))
    }

    @Test("The next run is a new one") mutating func next() {
        view.isAlive = false
        #expect(look() == .strike(.died, view))
        view = Pulse.View(isAlive: true, state: .up, pid: 10, run: 2)
        #expect(look() == .watching(run: 2))
        view.isAlive = false
        #expect(look() == .strike(.died, view))
    }
}
