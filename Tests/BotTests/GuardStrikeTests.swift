// GuardStrikeTests.swift — cancels until the venue shows that nothing is left, and a while longer.
import Core
import Synchronization
import Testing
import VenueKit

@testable import Bot

/// A venue in which time passes by the guard's pauses alone.
private final class Shelf: KillSwitch {
    struct Content {
        var now: Int64 = 0
        var open: [String: [Int64]] = [:]
        /// Requests that fail before one succeeds.
        var failures = 0
        /// Orders that arrive later: time, symbol, id.
        var late: [(at: Int64, symbol: String, id: Int64)] = []
        var cancels: [String] = []
        /// Cancels that the venue says it did and did not.
        var lies = 0
        var account: Int64 = 1
    }

    let content: Mutex<Content>

    init(_ open: [String: [Int64]]) {
        var content = Content()
        content.open = open
        self.content = Mutex(content)
    }

    func learnLimits(_ symbols: [String]) {}

    private func enter(_ content: inout Content) throws(VenueError) {
        for order in content.late where order.at <= content.now {
            content.open[order.symbol, default: []].append(order.id)
        }
        content.late.removeAll { $0.at <= content.now }
        guard content.failures == 0 else {
            content.failures -= 1
            throw VenueError(.notSent, "no network")
        }
    }

    func accountNumber() throws(VenueError) -> Int64 {
        try content.withLock { content throws(VenueError) in
            try enter(&content)
            return content.account
        }
    }

    func openOrderIDs(_ symbol: String) throws(VenueError) -> [Int64] {
        try content.withLock { content throws(VenueError) in
            try enter(&content)
            return content.open[symbol] ?? []
        }
    }

    func cancelOpenOrders(_ symbol: String) throws(VenueError) -> Int {
        try content.withLock { content throws(VenueError) in
            try enter(&content)
            content.cancels.append(symbol)
            let count = content.open[symbol]?.count ?? 0
            if content.lies > 0, count > 0 {
                content.lies -= 1
            } else {
                content.open[symbol] = []
            }
            return count
        }
    }
}

@Suite("The guard's strike") struct GuardStrikeTests {
    private static let second: Int64 = 1_000_000_000

    private func strike(
        _ shelf: Shelf, symbols: [String] = ["A", "B"], silent: Int64? = 0,
        until end: Int64 = .max
    ) -> GuardStrike.Outcome {
        let time = ManualTime(monotonic: 0, wall: 0)
        return GuardStrike(
            symbols: symbols, venue: shelf, clock: Clock(manual: time),
            pause: { nanoseconds in
                time.advance(by: nanoseconds)
                shelf.content.withLock { $0.now += nanoseconds }
            },
            note: { _ in }, silentSince: { silent },
            goesOn: { shelf.content.withLock { $0.now } < end }
        ).run()
    }

    private func now(_ shelf: Shelf) -> Int64 { shelf.content.withLock { $0.now } }

    @Test("All of the bot's symbols, and no other") func cancels() {
        let shelf = Shelf(["A": [1, 2], "B": [3], "C": [4]])
        #expect(strike(shelf) == .clear(cancelled: 3))
        shelf.content.withLock { content in
            #expect(content.open == ["A": [], "B": [], "C": [4]])
            #expect(content.cancels == ["A", "B"])
        }
    }

    @Test("An order that was on its way is cancelled as well") func late() {
        let shelf = Shelf(["A": [1]])
        shelf.content.withLock { $0.late = [(5 * Self.second, "B", 7)] }
        #expect(strike(shelf) == .clear(cancelled: 2))
        #expect(shelf.content.withLock { $0.open["B"] } == [])
        #expect(now(shelf) >= GuardStrike.lateness)
    }

    @Test("An empty list proves nothing before the last order could have arrived") func early() {
        let shelf = Shelf([:])
        #expect(strike(shelf, silent: 3 * Self.second) == .clear(cancelled: 0))
        #expect(now(shelf) >= 3 * Self.second + GuardStrike.lateness)
    }

    @Test("The venue's list counts, not its answer to a cancel") func lies() {
        let shelf = Shelf(["A": [1]])
        shelf.content.withLock { $0.lies = 3 }
        _ = strike(shelf)
        shelf.content.withLock { content in
            #expect(content.open["A"] == [])
            #expect(content.cancels.filter { $0 == "A" }.count == 4)
        }
    }

    @Test("Failures are tried again, ever slower, and one symbol's does not keep the others")
    func failures() {
        let shelf = Shelf(["A": [1], "B": [2]])
        shelf.content.withLock { $0.failures = 1 }
        #expect(strike(shelf) == .clear(cancelled: 2))
        let cut = Shelf(["A": [1], "B": [2]])
        cut.content.withLock { $0.failures = 100 }
        #expect(strike(cut) == .clear(cancelled: 2))
        // About fifty rounds; pauses grow to five seconds.
        #expect((200...250).contains(now(cut) / Self.second))
    }

    @Test("A key for another account is refused, and one that cannot be told as well")
    func otherAccount() throws {
        let (own, bots) = (Shelf([:]), Shelf([:]))
        try GuardService.proveSame(own, bots)
        bots.content.withLock { $0.account = 2 }
        #expect(throws: BotError.self) { try GuardService.proveSame(own, bots) }
        own.content.withLock { ($0.account, $0.failures) = (2, 1) }
        #expect(throws: BotError.self) { try GuardService.proveSame(own, bots) }
        try GuardService.proveSame(own, bots)
    }

    @Test("While the bot may still send, nothing is proven; whoever wants no more of it ends it")
    func mayStillSend() {
        let shelf = Shelf(["A": [1]])
        shelf.content.withLock { $0.late = [(100 * Self.second, "A", 2)] }
        #expect(
            strike(shelf, silent: nil, until: 200 * Self.second) == .givenUp(cancelled: 2))
    }
}
