// StatusCommand.swift — `needletail status`.
import ArgumentParser
import Bot

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How the running bot is.",
        discussion: "Example: needletail status --data-dir var")

    @OptionGroup var bot: BotOptions
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reply = try bot.ask("status", isJSON: common.json)
        try reply.finish(StatusDocument.self, isJSON: common.json) { show($0) }
    }

    private func show(_ status: StatusDocument) {
        let style = Style.standardOutput()
        let ready = status.ready ? "ready" : "not ready (connecting or reconciling)"
        let state =
            status.trading == "active" ? style.good(status.trading) : style.warn(status.trading)
        Output.line(
            "\(state), \(ready) · \(status.mode) on \(status.venue) (\(status.environment))")
        if !status.tradingReason.isEmpty { Output.line("reason: \(status.tradingReason)") }
        for scope in status.scopes ?? [] where scope.kind != "account" && scope.state != "active" {
            let since = scope.since.map { " since \($0)" } ?? ""
            Output.line(
                style.warn("\(scope.kind) \(scope.name) is \(scope.state)\(since): \(scope.reason)")
            )
        }
        Output.line(
            "strategy \(status.strategy) · up \(status.uptimeSeconds) s since \(status.started) · "
                + "start \(status.epoch) · network \(status.network)"
                + (status.networkRefusal.map { " (io_uring: \($0))" } ?? ""))
        for stream in status.streams {
            let state = stream.isOpen ? style.good("open") : style.bad("down")
            let address = stream.address.map { " at \($0)" } ?? ""
            let days = stream.certificateDays.map { ", certificate for \($0) days" } ?? ""
            Output.line(
                "stream \(stream.name): \(state)\(address)\(days) \(stream.reason)\(feed(stream))")
        }
        for one in status.conditions {
            Output.line(style.warn("venue \(one.name) (\(one.state)): \(one.text)"))
        }
        showInstruments(status)
        Output.line(
            (status.reconciledSeconds.map { "agreed with the venue \($0) s ago · " } ?? "")
                + "orders open \(status.openOrders), unknown \(status.unknownOrders) · journal "
                + "\(status.journalRecords) records"
                + (status.journalProblem.map { " · \($0)" } ?? "")
                + (status.ledgerProblem.map { " · accounts: \($0)" } ?? "")
                + (status.storeProblem.map { " · store: \($0)" } ?? ""))
        Output.line(
            "net \(status.profit.net) \(status.profit.currency) after fees \(status.profit.fees)")
        for (name, value) in status.latencyNs.sorted(by: { $0.key < $1.key }) where value.count > 0
        {
            Output.line(
                "\(name): p50 \(LiveView.duration(value.p50)), "
                    + "p99 \(LiveView.duration(value.p99)), "
                    + "p99.9 \(LiveView.duration(value.p999)), max \(LiveView.duration(value.max))")
        }
        for one in status.notifications ?? [] {
            Output.line(
                "notify \(one.channel): \(one.delivered) delivered, \(one.waiting) waiting, "
                    + "\(one.lost) lost" + (one.problem.map { " · \($0)" } ?? ""))
        }
        if let budget = status.budget { show(budget, style) }
        if let found = status.guard, found.state != "off" { show(found, style) }
        if let problem = status.logProblem { Output.line("log: \(problem)") }
        for alarm in status.alarms { Output.line(style.warn("! \(alarm.time) \(alarm.text)")) }
    }

    private func show(_ budget: BudgetDocument, _ style: Style) {
        let uses = budget.limits.map {
            "\($0.name) \($0.used) of \($0.limit) in \($0.windowSeconds) s, \($0.reserve) kept"
        }
        let processes = budget.processes.count
        let shared = processes > 1 ? "\(processes) processes" : "this process alone"
        Output.line("budget: \(uses.joined(separator: " · ")) · \(shared)")
        if let end = budget.bannedUntil {
            Output.line(style.bad("budget: the venue has banned this address until \(end)"))
        } else if let end = budget.blockedUntil {
            Output.line(style.warn("budget: the venue wants silence until \(end)"))
        }
        if let problem = budget.problem { Output.line(style.warn("budget: \(problem)")) }
    }

    private func show(_ found: GuardDocument, _ style: Style) {
        let process = found.pid.map { " (process \($0))" } ?? ""
        let text = "guard: \(found.state)\(process), strikes after \(found.afterMs) ms"
        Output.line(found.state == "watching" ? text : style.bad(text))
    }

    /// What a market stream brought, and how its loss went.
    private func feed(_ stream: StreamDocument) -> String {
        guard let first = stream.first else { return "" }
        var text = "· first \(first)"
        if stream.group != nil { text += ", later \(stream.later ?? 0)" }
        if let age = stream.ageMs { text += ", \(age) ms ago" }
        guard let switches = stream.switches, switches > 0 else { return text }
        return text + ", lost \(switches)x and taken over in "
            + "\(LiveView.duration((stream.maxSwitchUs ?? 0) * 1000)) at most"
    }

    private func showInstruments(_ status: StatusDocument) {
        var table = Table("symbol", ">bid", ">ask", "book", ">age ms", "silence", "trading")
        for one in status.instruments {
            table.add(
                one.symbol, one.bid ?? "-", one.ask ?? "-", one.book,
                one.ageMs.map { String($0) } ?? "-", one.silence ?? "-", one.trading)
        }
        Output.lines(table.lines)
    }
}
