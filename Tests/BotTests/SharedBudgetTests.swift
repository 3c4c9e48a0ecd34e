// SharedBudgetTests.swift — where a bot counts its requests, with whom, and what a ban does.
import Core
import Foundation
import Simulator
import Testing

@testable import Bot

@Suite("Shared budget") struct SharedBudgetTests {
    private let folder: TemporaryFolder
    private let mark = [UInt8](1...16)

    init() throws { folder = try TemporaryFolder() }

    private func open(_ file: String?) throws -> SharedBudget {
        var settings = VenueSettings()
        settings.environment = .simulator
        settings.budgetFile = file
        return try SharedBudget(settings, name: "simulator", mark: mark)
    }

    @Test("A simulator's is counted alone unless a file is named") func alone() throws {
        let budget = try open(nil)
        #expect(budget.file == nil && budget.problem == nil)
        let document = budget.document(now: 1)
        #expect(document.processes.isEmpty)
        #expect(document.limits.map(\.name) == ["weight", "orders", "orders_day"])
    }

    @Test("A named file is shared; its folder is made") func shared() throws {
        let path = folder.path + "/shared/budget"
        let (one, other) = (try open(path), try open(path))
        one.budget.observe(used: 55, now: 1_700_000_000_000)
        let document = other.document(now: 1_700_000_000_000)
        #expect(document.file == path && document.problem == nil)
        #expect(document.limits[0].used == 55 && document.limits[0].reserve > 0)
    }

    @Test("What cannot be shared is counted alone, and said") func foreign() throws {
        folder.write("junk", "not a budget".utf8)
        chmod(folder.path + "/junk", 0o600)
        let junk = try open(folder.path + "/junk")
        #expect(junk.file == nil && junk.problem?.contains("is not a budget") == true)
        #expect(junk.budget.take(1, for: .read, now: 1) == .allowed)
        folder.write("open", "".utf8)
        chmod(folder.path + "/open", 0o644)
        #expect(try open(folder.path + "/open").problem?.contains("0600") == true)
        chmod(folder.path, 0o777)
        #expect(try open(folder.path + "/new").problem?.contains("only this user") == true)
        #expect(try open("/proc/none/budget").problem != nil)
    }

    private func isSo(_ what: () -> Bool) -> Bool {
        for _ in 0..<6000 where !what() { Thread.sleep(forTimeInterval: 0.02) }
        return what()
    }

    @Test("A ban that a careless neighbour brought about comes by the order connection as well")
    func neighbour() throws {
        let bot = try OperatedBot(weight: 1000)
        defer { bot.end() }
        let url = URLComponents(string: bot.simulator.details.restURL)
        var request = HTTPRequest(
            method: "GET", host: url?.host ?? "", port: UInt16(url?.port ?? 0),
            target: "/api/v3/depth?symbol=BTCUSDT&limit=1000")
        request.caFile = bot.simulator.details.caFile
        let neighbour = try Connector()
        var statuses: [Int] = []
        while statuses.last != 418, statuses.count < 200 {
            statuses.append(try neighbour.perform(request).status)
        }
        #expect(statuses.contains(429) && statuses.last == 418)
        // The bot did not see it; its next request over its own connection does.
        #expect(isSo { bot.session.lane.trading == .reducing })
        #expect(bot.session.statusDocument().budget?.bannedUntil != nil)
        let sent = bot.session.counters.ordersSent
        let asked = bot.session.counters.queriesSent
        Thread.sleep(forTimeInterval: 2)
        #expect(bot.session.counters.ordersSent == sent)
        #expect(bot.session.counters.queriesSent == asked)
        #expect(bot.session.streamDocuments().allSatisfy { $0.isOpen })
    }

    @Test("A ban that anybody met lets a bot only reduce, until a person resumes")
    func ban() throws {
        let bot = try OperatedBot()
        defer { bot.end() }
        let budget = bot.session.budget.budget
        let now = bot.session.clock.wall / 1_000_000
        budget.block(until: now + 1000, isBan: true, now: now)
        #expect(isSo { bot.session.lane.trading == .reducing })
        #expect(isSo { bot.session.alarmDocuments().contains { $0.text.contains("banned") } })
        #expect(bot.session.statusDocument().tradingReason.contains("banned"))
        #expect(isSo { bot.session.statusDocument().budget?.bannedUntil == nil })
        #expect(bot.session.lane.trading == .reducing)
    }
}
