// SessionRunner.swift — keeps a session in front of a person until it ends, then sums it up.
import Core
import Execution
import Foundation

/// What a run came to. Keys are part of the command line's contract.
public struct RunSummary: Codable, Sendable {
    public var orders: UInt64
    public var fills: UInt64
    public var rejects: UInt64
    public var refusals: [String: UInt64]
    public var unknown: Int
    public var openOrders: Int
    public var position: [String: String]
    public var pnl: String
    public var fees: String
    public var currency: String
    public var events: UInt64
    public var tickToOrderNs: LatencyDocument
    public var latencyNs: [String: LatencyDocument]
    public var matchMode: String
    public var seconds: Int64
    public var cleanShutdown: Bool
    public var shutdown: String
    public var stateHash: String
    /// The page's address with its one-time token; nil without a page.
    public var dashboardUrl: String?

    /// For people.
    public var lines: [String] {
        let held = position.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var out = [
            "",
            "ran \(seconds) s · \(events) events · \(orders) orders · \(fills) fills · "
                + "\(rejects) rejected by the venue",
            "profit after fees \(pnl) \(currency) (fees \(fees)) · matching: \(matchMode)",
            "held at the end: \(held.isEmpty ? "nothing" : held.joined(separator: ", "))",
        ]
        if tickToOrderNs.count > 0 {
            out.append(
                "tick to order: p50 \(LiveView.duration(tickToOrderNs.p50)), p99 "
                    + "\(LiveView.duration(tickToOrderNs.p99)), p99.9 "
                    + "\(LiveView.duration(tickToOrderNs.p999)) over \(tickToOrderNs.count) orders")
        }
        if !refusals.isEmpty {
            let names = refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            out.append("refused by the gate: \(names.joined(separator: ", "))")
        }
        if unknown > 0 { out.append("orders without a proven outcome: \(unknown)") }
        out.append(cleanShutdown ? "stopped cleanly: \(shutdown)" : "NOT CLEAN: \(shutdown)")
        return out
    }
}

public final class SessionRunner {
    private let session: BotSession
    private let view: LiveView
    private let screen = Screen()
    private let showsView: Bool

    public init(session: BotSession, title: String, showsView: Bool) {
        self.session = session
        self.showsView = showsView && screen.repaints
        view = LiveView(title: title, style: .standardOutput())
    }

    /// Until `seconds` are over or `isInterrupted` answers true. `onTick` runs ten times a second.
    public func run(
        seconds: Int?, onTick: () -> Void = {}, until isInterrupted: () -> Bool
    ) {
        let end = seconds.map { session.clock.monotonic + Int64($0) * 1_000_000_000 }
        var frame = 0
        while !isInterrupted(), !session.lane.isStopped {
            if let end, session.clock.monotonic >= end { break }
            if showsView, frame % 2 == 0 { screen.draw(view.lines(session)) }
            onTick()
            frame += 1
            Thread.sleep(forTimeInterval: 0.1)
        }
        if showsView {
            screen.draw(view.lines(session))
            screen.end()
        }
    }

    /// Stops the session and sums up. Once.
    public func finish(keepOrders: Bool) -> RunSummary {
        let seconds = (session.clock.monotonic - session.startedMonotonic) / 1_000_000_000
        let stopped = session.stop(keepOrders: keepOrders)
        return session.summary(seconds: seconds, stopped: stopped)
    }
}

extension BotSession {
    func summary(seconds: Int64, stopped: (clean: Bool, text: String)) -> RunSummary {
        let counters = counters
        let latency = latencyDocuments()
        let profit = profit()
        let orders = lane.orders.filter { !$0.state.isTerminal }
        var held: [String: String] = [:]
        for (slot, position) in lane.positions.enumerated() where position.lots != 0 {
            let instrument = instruments[slot]
            held[instrument.symbol] = instrument.text(Quantity(lots: position.lots))
        }
        let refusals = state.read { $0.refusalCounts }
        let none = LatencyDocument(count: 0, p50: 0, p99: 0, p999: 0, max: 0)
        return RunSummary(
            orders: counters.ordersSent, fills: counters.fills, rejects: counters.rejects,
            refusals: refusals, unknown: orders.filter { $0.state == .unknown }.count,
            openOrders: orders.count, position: held, pnl: profit.net.description,
            fees: profit.fees.description, currency: currency, events: counters.events,
            tickToOrderNs: latency[LatencyStage.order.name] ?? none, latencyNs: latency,
            matchMode: configuration.mode == .paper ? "recorded" : "venue", seconds: seconds,
            cleanShutdown: stopped.clean, shutdown: stopped.text,
            stateHash: String(lane.stateHash, radix: 16))
    }
}
