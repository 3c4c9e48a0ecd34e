// VenueWatchTests.swift — when the watch asks the venue, and what it makes of the answers: by a
// clock that the test turns, with a venue and a lane that only take notes.
import Core
import Synchronization
import Testing
import VenueKit

@testable import Bot

private let second: Int64 = 1_000_000_000

/// A venue by the test's word.
private final class NotedVenue: VenueAccess {
    var clockOffset: Int64 = 0
    var offsetInUse: Int64 = 0
    var failure: VenueError?
    var clockReads = 0
    var rulesReads = 0
    var current: [InstrumentRules]
    var certificateEnds: [String: Int64] = [:]
    let names: NameBook
    let budget: SharedBudget

    init(_ names: NameBook) throws {
        self.names = names
        var settings = VenueSettings()
        settings.environment = .simulator
        budget = try SharedBudget(
            settings, name: "simulator", mark: [UInt8](repeating: 1, count: 16))
        let instrument = Instrument(
            symbol: "BTCUSDT", base: "BTC", quote: "USDT", priceDecimals: 2, quantityDecimals: 5)
        current = [InstrumentRules(instrument: instrument, status: "TRADING", isTrading: true)]
    }

    func rules(_ symbols: [String]) throws -> [InstrumentRules] {
        rulesReads += 1
        if let failure { throw failure }
        return current
    }
    func readClock() throws -> ClockReading {
        clockReads += 1
        if let failure { throw failure }
        return ClockReading(offset: clockOffset, error: 1_000_000)
    }
    func ping() throws { if let failure { throw failure } }
    var hosts: [String] { ["rest"] }
    func kind(ofCode code: Int) -> VenueError.Kind? {
        [-1021: .clock, -1013: .filtered][code]
    }
    func makeCodec(_ instruments: [Instrument], instance: UInt32) throws -> UnsafeRawPointer {
        throw VenueError(.unsupported, "no codec here")
    }
    func streams(withOrders: Bool, _ settings: StreamSettings) throws -> [StreamConfiguration] {
        []
    }
    func setClockOffset(_ nanoseconds: Int64) { offsetInUse = nanoseconds }
    func depthBody(_ instrument: Instrument) throws -> [UInt8] { [] }
    func witnessBody(_ instrument: Instrument) throws -> [UInt8] { [] }
    func lastPrice(_ instrument: Instrument) throws -> Price { Price(ticks: 1) }
    var slowVenue: (any Venue)? { nil }
    var accountMark: [UInt8] { [] }
}

/// A lane and people that only take notes; the test's thread alone.
private final class Notes: VenueWatchOutput, @unchecked Sendable {
    var alarms: [String] = []
    var posted: [[String]] = []
    var holds: [TradingState] = []
    var isFull = false
    var connections: [ConnectionState] = []

    func tell(_ notice: LaneNotice) {
        if case .alarm(_, let text) = notice.content { alarms.append(text) }
    }
    func note(_ level: EventLine.Level, _ subject: String, _ text: String) {}
    func post(addresses: [String], of slot: Int) throws(CoreError) {
        guard !isFull else { throw CoreError(.full, "full") }
        posted.append(addresses)
    }
    func hold(
        _ instrument: InstrumentID, _ cause: HoldCause, _ state: TradingState, reason: String
    ) throws(CoreError) {
        guard !isFull else { throw CoreError(.full, "full") }
        holds.append(state)
    }
}

@Suite("Venue watch") struct VenueWatchTests {
    private let time = ManualTime(monotonic: 1_000 * second, wall: 1_700_000_000 * second)
    private let notes = Notes()
    private let place = Place()
    private let venue: NotedVenue
    private let watch: VenueWatch

    private final class Place: Sendable {
        let addresses = Mutex(["10.0.0.1"])
        let count = Mutex(0)
        var lookUps: Int { count.withLock { $0 } }
    }

    init() throws {
        let place = place
        venue = try NotedVenue(
            NameBook { _ throws(CoreError) in
                place.count.withLock { $0 += 1 }
                return place.addresses.withLock { $0 }
            })
        var stream = StreamConfiguration(role: .market)
        stream.host = "stream"
        watch = VenueWatch(
            venue,
            VenueFindings(rules: venue.current, clock: ClockReading(offset: 0, error: 1_000_000)),
            streams: [stream, StreamConfiguration(role: .snapshot)], settings: WatchSettings(),
            clock: Clock(manual: time), output: notes)
        watch.begin()
    }

    private func pass(_ seconds: Int64) {
        for _ in 0..<(seconds * 10) {
            time.advance(by: second / 10)
            watch.look()
        }
    }

    private func refuse(code: Int64) {
        var notice = LaneNotice(alarm: "refused", at: 0)
        notice.venueCode = code
        watch.hear(notice)
    }

    @Test("Names, clock and rules are asked by their intervals")
    func intervals() {
        #expect(notes.posted == [["10.0.0.1"]])
        let before = place.lookUps
        pass(601)
        #expect(venue.clockReads == 10)
        #expect(place.lookUps - before == 20)
        #expect(venue.rulesReads == 0)
        pass(3_000)
        #expect(venue.rulesReads == 1)
        #expect(notes.holds.isEmpty && notes.alarms.isEmpty)
    }

    @Test("A lost connection has its name looked up, at most every two seconds")
    func lostConnection() {
        let before = place.lookUps
        for _ in 0..<50 { watch.hear(stream: 0, isOpen: false, reason: "connection refused") }
        #expect(place.lookUps - before == 1)
        place.addresses.withLock { $0 = ["10.0.0.2"] }
        pass(2)
        watch.hear(stream: 0, isOpen: false, reason: "connection refused")
        watch.takeNames()
        #expect(notes.posted.last == ["10.0.0.2"])
    }

    @Test("A move that a request saw first reaches the lane as well")
    func movedMeanwhile() {
        place.addresses.withLock { $0 = ["10.0.0.9"] }
        venue.names.refresh("stream")
        pass(1)
        #expect(notes.posted.last == ["10.0.0.9"])
    }

    @Test("What the lane has no room for is handed over later, in order")
    func fullLane() {
        notes.isFull = true
        place.addresses.withLock { $0 = ["10.0.0.3"] }
        watch.hear(stream: 0, isOpen: false, reason: "connection refused")
        watch.takeNames()
        watch.hold(.none, .clock, .halted, "a")
        watch.hold(.none, .clock, .active, "b")
        pass(1)
        #expect(notes.holds.isEmpty)
        notes.isFull = false
        pass(1)
        #expect(notes.posted.last == ["10.0.0.3"])
        #expect(notes.holds == [.halted, .active])
    }

    @Test("A flood of refused timestamps reads the clock once, and names the error")
    func refusedTimestamps() {
        pass(10)
        venue.clockOffset = 1_400_000_000
        for _ in 0..<100 { refuse(code: -1021) }
        pass(1)
        #expect(notes.alarms.contains { $0.hasSuffix("the clock is off by 1400 ms; corrected") })
        #expect(venue.offsetInUse == 1_400_000_000)
        #expect(notes.holds == [.halted, .active])
        #expect(venue.clockReads == 2)  // And once more, to be sure.
    }

    @Test("A flood of broken filters reads the rules once")
    func brokenFilters() {
        pass(20)
        venue.current[0].instrument.tickUnits = 10
        for _ in 0..<10 {
            refuse(code: -1013)
            pass(1)
        }
        #expect(venue.rulesReads == 1)
        #expect(notes.holds == [.halted])
        #expect(watch.conditions.map(\.name) == ["rules"])
        pass(20)
        #expect(venue.rulesReads == 2)  // What came after the first reading is looked into as well.
        refuse(code: -2010)
        pass(20)
        #expect(venue.rulesReads == 2)
    }

    @Test("A gateway in the venue's place is maintenance until the venue answers itself")
    func maintenance() {
        venue.failure = VenueError(.unavailable, "HTTP status 503", httpStatus: 503)
        watch.hear(stream: 0, isOpen: false, reason: "peer closed: 1012")
        pass(5)
        #expect(watch.conditions.map(\.name) == ["maintenance"])
        #expect(notes.holds == [.reducing])
        venue.failure = nil
        watch.hear(stream: 0, isOpen: true, reason: "")
        pass(5)
        #expect(watch.conditions.isEmpty)
        #expect(notes.holds == [.reducing, .active])
    }

    @Test("A venue that is not heard of for long is traded with caution, then not at all")
    func silence() {
        venue.failure = VenueError(.notSent, "no route")
        pass(700)
        #expect(notes.holds == [.reducing])
        #expect(watch.conditions.map(\.name) == ["clock"])
        pass(1_500)
        #expect(notes.holds == [.reducing, .halted])
        venue.failure = nil
        pass(3)
        #expect(notes.holds == [.reducing, .halted, .active])
    }

    @Test("A certificate near its end is told once, and its renewal ends the condition")
    func certificate() {
        let now: Int64 = 1_700_000_000
        venue.certificateEnds = ["rest": now + 5 * 86_400 + 3_600]
        pass(30)
        #expect(notes.alarms == ["the certificate of rest expires in 5 days"])
        venue.certificateEnds = ["rest": now + 90 * 86_400]
        pass(2)
        #expect(watch.conditions.isEmpty)
    }
}
