// VenueGuardTests.swift — what the watch concludes: from clock readings, from signs of maintenance,
// from the venue's rules.
import Core
import Testing
import VenueKit

@testable import Bot

private let ms: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

@Suite("Clock guard") struct ClockGuardTests {
    private func guarding(_ offset: Int64 = 0, error: Int64 = 2) -> ClockGuard {
        ClockGuard(
            ClockGuard.Limits(), ClockReading(offset: offset * ms, error: error * ms), wall: 0,
            monotonic: 0)
    }

    private func reading(_ offset: Int64, error: Int64 = 2) -> ClockReading {
        ClockReading(offset: offset * ms, error: error * ms)
    }

    private func states(_ events: [ClockGuard.Event]) -> [TradingState] {
        events.compactMap { event in
            guard case .trading(let state, _) = event else { return nil }
            return state
        }
    }

    @Test("A machine that is an hour off trades: the offset is known")
    func knownOffset() {
        var clock = guarding(3_600_000)
        #expect(
            clock.read(reading(3_600_003), monotonic: 60 * second) == [.correct(3_600_003 * ms)])
        #expect(clock.state == .active)
    }

    @Test("A jump is believed at once; new risk waits until a second reading agrees")
    func jump() {
        var clock = guarding()
        let events = clock.read(reading(600), monotonic: 60 * second)
        #expect(events.contains(.correct(600 * ms)))
        #expect(events.contains(.jumped(milliseconds: 600)))
        #expect(events.contains(.measure))
        #expect(states(events) == [.reducing])
        #expect(states(clock.read(reading(601), monotonic: 61 * second)) == [.active])
    }

    @Test("A jump beyond the larger limit halts")
    func largeJump() {
        var clock = guarding()
        #expect(states(clock.read(reading(-1_500), monotonic: 60 * second)) == [.halted])
        #expect(states(clock.read(reading(-1_500), monotonic: 61 * second)) == [.active])
    }

    @Test("A slow way there and back says too little")
    func slowWay() {
        var clock = guarding()
        #expect(states(clock.read(reading(0, error: 400), monotonic: 60 * second)) == [.reducing])
        #expect(states(clock.read(reading(0, error: 40), monotonic: 62 * second)) == [.active])
    }

    @Test("Without readings the uncertainty grows by 500 ppm")
    func noReadings() {
        var clock = guarding()
        #expect(states(clock.miss(monotonic: 400 * second)) == [])
        #expect(states(clock.miss(monotonic: 600 * second)) == [.reducing])
        #expect(states(clock.miss(monotonic: 2_100 * second)) == [.halted])
        #expect(states(clock.read(reading(1), monotonic: 2_101 * second)) == [.active])
    }

    @Test("A slow drift is followed without a word")
    func drift() {
        var clock = guarding()
        for minute in 1...60 {
            let events = clock.read(
                reading(Int64(minute) * 30), monotonic: Int64(minute) * 60 * second)
            #expect(events == [.correct(Int64(minute) * 30 * ms)])
        }
    }

    @Test("A step of our own clock is corrected in the same look", arguments: [3_600_000, -1_200])
    func ownStep(_ step: Int64) {
        var clock = guarding(5)
        let wall = 10 * second
        #expect(clock.look(wall: wall, monotonic: wall) == [])
        let events = clock.look(wall: wall + step * ms, monotonic: wall + ms)
        #expect(events.first == .stepped(milliseconds: step - 1))
        #expect(events.contains(.correct(5 * ms - (step - 1) * ms)))
        #expect(events.contains(.measure))
        #expect(states(events) == [.halted])
        #expect(states(clock.read(reading(5 - step + 1), monotonic: 11 * second)) == [.active])
    }

    @Test("A slewed clock is no step")
    func slew() {
        var clock = guarding()
        #expect(clock.look(wall: 10_000 * ms + 5 * ms, monotonic: 10_000 * ms) == [])
    }
}

@Suite("Maintenance guard") struct MaintenanceGuardTests {
    @Test("A closed connection and a gateway's answer together are maintenance; both end it")
    func both() {
        var guarding = MaintenanceGuard()
        let reason = "peer closed: 1012 service restart"
        #expect(guarding.stream(0, isOpen: false, reason: reason) == nil)
        #expect(guarding.wantsProbe)
        #expect(guarding.answer(problem: "HTTP status 503") == .began(reason))
        #expect(guarding.answer(problem: "HTTP status 503") == nil)
        #expect(guarding.answer(problem: nil) == nil)
        #expect(guarding.isOn)
        #expect(guarding.stream(0, isOpen: true, reason: "") == .ended)
        #expect(!guarding.wantsProbe)
    }

    @Test("One bad answer is a hiccup, two are not")
    func answers() {
        var guarding = MaintenanceGuard()
        #expect(guarding.answer(problem: "a page instead of data") == nil)
        #expect(guarding.answer(problem: nil) == nil)
        #expect(guarding.answer(problem: "HTTP status 502") == nil)
        #expect(guarding.answer(problem: "HTTP status 504") == .began("HTTP status 504"))
        #expect(guarding.answer(problem: nil) == .ended)
    }

    @Test("A planned end of a connection alone is none")
    func plannedEnd() {
        var guarding = MaintenanceGuard()
        #expect(guarding.stream(1, isOpen: false, reason: "peer closed: 1001") == nil)
        #expect(guarding.answer(problem: nil) == nil)
        #expect(guarding.stream(1, isOpen: true, reason: "") == nil)
        #expect(!guarding.wantsProbe)
    }

    @Test("A network that fails says nothing about the venue")
    func network() {
        var guarding = MaintenanceGuard()
        for reason in ["no data for 5000 ms", "connection lost: Connection reset by peer"] {
            #expect(guarding.stream(0, isOpen: false, reason: reason) == nil)
        }
        #expect(!guarding.wantsProbe)
        #expect(MaintenanceGuard.sign(of: VenueError(.notSent, "no route")) == nil)
        #expect(MaintenanceGuard.sign(of: VenueError(.unavailable, "no answer")) == nil)
        #expect(
            MaintenanceGuard.sign(
                of: VenueError(.unavailable, "busy", code: -1007, httpStatus: 503))
                == nil)
        #expect(
            MaintenanceGuard.sign(of: VenueError(.unavailable, "HTTP status 502", httpStatus: 502))
                != nil)
        #expect(
            MaintenanceGuard.sign(
                of: VenueError(.unavailable, "no longer available", code: -1016, httpStatus: 400))
                != nil)
    }
}

@Suite("Rules guard") struct RulesGuardTests {
    private func rules(
        tick: Int64 = 1, minimum: Int64 = 1, status: String = "TRADING"
    ) -> InstrumentRules {
        var instrument = Instrument(
            symbol: "BTCUSDT", base: "BTC", quote: "USDT", priceDecimals: 2, quantityDecimals: 5,
            tickUnits: tick)
        instrument.minQuantity = minimum
        return InstrumentRules(
            instrument: instrument, status: status, isTrading: status == "TRADING")
    }

    @Test("A closed instrument is told at the start, and when it opens")
    func status() {
        var guarding = RulesGuard([rules(status: "BREAK")])
        #expect(guarding.first() == [.closed(slot: 0, status: "BREAK")])
        #expect(guarding.isAnyClosed)
        #expect(guarding.compare([rules(status: "BREAK")]) == [])
        #expect(guarding.compare([rules(status: "HALT")]) == [.closed(slot: 0, status: "HALT")])
        #expect(guarding.compare([rules()]) == [.open(slot: 0)])
        #expect(!guarding.isAnyClosed)
        #expect(guarding.compare([rules()]) == [])
    }

    @Test("A changed tick is told once, with both values")
    func tick() {
        var guarding = RulesGuard([rules()])
        #expect(
            guarding.compare([rules(tick: 10)])
                == [.stepChanged(slot: 0, "tick 0.01 → 0.10")])
        #expect(guarding.compare([rules(tick: 10)]) == [])
    }

    @Test("A changed limit is told once")
    func limit() {
        var guarding = RulesGuard([rules()])
        #expect(
            guarding.compare([rules(minimum: 5)])
                == [.limitChanged(slot: 0, "smallest quantity 1 → 5")])
        #expect(guarding.compare([rules(minimum: 5)]) == [])
    }
}

@Suite("The doctor and the venue's certificates") struct VenueCertificateTests {
    private let wall: Int64 = 1_700_000_000 * second

    private func certificate(days: Int64, host: String = "a") -> VenueCertificate {
        VenueCertificate(host: host, end: 1_700_000_000 + days * 86_400 + 60, problem: nil)
    }

    @Test(
        "Days are shown for each host; the nearest end decides",
        arguments: [(40, true), (20, false)])
    func days(_ days: Int64, _ isFine: Bool) {
        let check = VenueCertificates.check(
            [certificate(days: 90), certificate(days: days, host: "b")], wall: wall)
        #expect(check.state == (isFine ? .ok : .warn))
        #expect(check.found == "left: a 90 days, b \(days) days")
    }

    @Test("One that is not trusted fails with its reason")
    func untrusted() {
        let reason = "certificate not trusted: expired on 2023-11-01 12:00 UTC"
        let check = VenueCertificates.check(
            [certificate(days: 90), VenueCertificate(host: "b", end: nil, problem: reason)],
            wall: wall)
        #expect(check.state == .fail)
        #expect(check.found == "b: \(reason)")
    }
}
