// BotSession+Operating.swift — answers to the operating commands: balances, limits, reconcile,
// why-not, latency.
import Core
import Foundation
import VenueKit

/// Limits in force, and what they hold for.
public struct LimitsDocument: Codable, Sendable {
    public var limits: [LimitDocument]
    /// Changes by command end with the bot.
    public var note: String
}

/// A refusal: which check, which numbers, what to do.
public struct WhyNotDocument: Codable, Sendable {
    public struct Order: Codable, Sendable {
        public var side: String
        public var price: String
        public var quantity: String
    }

    public struct Rule: Codable, Sendable {
        public var name: String
        public var passed: Bool
        public var value: String
        public var limit: String
        public var unit: String
        /// What can be done about it.
        public var mend: String
    }

    public var time: String
    public var symbol: String
    public var text: String
    public var order: Order
    /// The check that decided; those before it in the gate's order have passed.
    public var rules: [Rule]
    /// The quantity that was wanted; the strategy's own.
    public var size: String
    /// Of strategies that vote; empty for one that decides alone.
    public var votes: [String]
}

public struct WhyNotReport: Codable, Sendable {
    public var refusals: [WhyNotDocument]
    /// How often since the start, by name.
    public var counts: [String: UInt64]
}

/// One stage of the way from bytes to order.
public struct StageDocument: Codable, Sendable {
    public var stage: String
    public var from: String
    public var to: String
    public var ns: LatencyDocument
}

public struct LatencyReport: Codable, Sendable {
    public var stages: [StageDocument]
}

extension BotSession {
    /// Two rounds and the pause between them, on a slow venue.
    private static let reconcilePatience = 60.0

    /// Nil: not one of the operating commands.
    func operate(_ request: AdminRequest) -> AdminReply? {
        guard let desk = state.desk else { return nil }
        switch request.command {
        case "limits": return .document(limitsDocument(desk))
        case "limits set": return setLimit(request, desk)
        case "balances": return balances(desk)
        case "reconcile": return reconcile(request, desk)
        case "errand":
            guard let number = request.arguments["number"].flatMap({ Int($0) }) else {
                return .failure(2, "an errand has a number")
            }
            return desk.errands.collect(number)
        case "why-not": return whyNot(request)
        case "latency": return .document(latencyReport())
        default: return nil
        }
    }

    // MARK: Latency

    func latencyReport() -> LatencyReport {
        let ends: [(LatencyStage, String, String)] = [
            (.decode, "bytes received", "book changed"),
            (.decide, "strategy called", "strategy returned"),
            (.order, "last byte in", "order handed to the kernel"),
            (.reply, "order handed over", "first answer"),
        ]
        let found = latencyDocuments()
        return LatencyReport(
            stages: ends.compactMap { stage, from, to in
                found[stage.name].map {
                    StageDocument(stage: stage.name, from: from, to: to, ns: $0)
                }
            })
    }

    // MARK: Why not

    private func whyNot(_ request: AdminRequest) -> AdminReply {
        let symbol = request.arguments["symbol"]
        if let symbol, !instruments.contains(where: { $0.symbol == symbol }) {
            let known = instruments.map(\.symbol).joined(separator: ", ")
            return .failure(2, "\(symbol) is not traded here; traded: \(known)")
        }
        let last = request.arguments["last"].flatMap { Int($0) } ?? 10
        return .document(
            WhyNotReport(
                refusals: refusalDocuments(symbol: symbol, last: min(max(0, last), 1000)),
                counts: state.read { $0.refusalCounts }))
    }

    // MARK: Limits

    private func limitsDocument(_ desk: OperatingDesk) -> LimitsDocument {
        LimitsDocument(
            limits: desk.limits.documents(),
            note: "changes by command end with the bot; write into the file what is to stay")
    }

    private func setLimit(_ request: AdminRequest, _ desk: OperatingDesk) -> AdminReply {
        let arguments = request.arguments
        guard let key = arguments["key"], let value = arguments["value"],
            let reason = arguments["reason"], !reason.isEmpty
        else { return .failure(2, "limits set needs a key, a value and a reason") }
        return desk.limits.oneAtATime {
            do throws(LimitProblem) {
                let change = try desk.limits.change(
                    key, to: value, symbol: arguments["symbol"],
                    confirmed: arguments["yes"] == "true")
                return carryOut(change, reason, desk)
            } catch {
                return .failure(error.exit, error.text)
            }
        }
    }

    private func carryOut(
        _ change: LimitChange, _ reason: String, _ desk: OperatingDesk
    ) -> AdminReply {
        let version = lane.publish(change.table)
        let reply = carryOut(.setLimits(version: version, reason: reason))
        let time = Times.text(clock.wall)
        if reply.exit == 0 {
            desk.limits.confirm(change, source: "command at \(time): \(reason)")
            desk.note(clock.wall, "limits", "\(change.text): \(reason)")
            return .document(
                ActionDocument(done: true, text: change.text, openOrders: openOrderCount))
        }
        if reply.exit == 5 {
            // What the lane has not taken yet becomes stale by this.
            _ = lane.publish(desk.limits.table)
            desk.limits.doubt(change, source: "in doubt: command at \(time) was not answered")
        }
        return reply
    }

    // MARK: Venue

    private func balances(_ desk: OperatingDesk) -> AdminReply {
        guard let venue = desk.venue else { return .document(BalancesDocument.paper) }
        return desk.errands.start { [state] in
            do throws(VenueError) {
                return .document(BalancesDocument(venue: try venue.balances()))
            } catch {
                let told = state.read { $0.balances }
                let note = "the venue did not answer (\(error.text)); as last told"
                guard !told.isEmpty else {
                    return .failure(4, "the venue did not answer: \(error.text)")
                }
                return .document(BalancesDocument(told: told, note: note))
            }
        }
    }

    /// Reconciles as after a log-on, then looks at both sides; `dry_run`: only looks.
    private func reconcile(_ request: AdminRequest, _ desk: OperatingDesk) -> AdminReply {
        let dryRun = request.arguments["dry_run"] == "true"
        guard let venue = desk.venue else {
            let note = "paper: our own matcher fills the orders, there is no account to compare"
            return .document(
                ReconcileDocument(
                    agrees: true, dryRun: dryRun, notes: [note], ordersCompared: 0,
                    tradesCompared: 0,
                    differences: []))
        }
        let comparison = VenueComparison(
            venue: venue, instruments: instruments, journal: directory.journal, state: state,
            lane: lane, dryRun: dryRun)
        return desk.errands.start { [self] in
            let done = dryRun ? nil : carryOut(.reconcile, seconds: Self.reconcilePatience)
            let shown = comparison.reply()
            // What differs says more than that the lane could not agree.
            return shown.exit == 0 && done?.exit ?? 0 != 0 ? done ?? shown : shown
        }
    }
}

extension WhyNotDocument {
    init(_ time: Int64, _ refusal: Refusal, _ instrument: Instrument?) {
        let numbers = RefusalText(refusal, instrument)
        self.time = Times.text(time)
        symbol = instrument?.symbol ?? "?"
        text = numbers.sentence(refusal.name)
        let quantity = instrument?.text(refusal.quantity) ?? "\(refusal.quantity.lots)"
        order = Order(
            side: refusal.side.name,
            price: instrument?.text(refusal.price) ?? "\(refusal.price.ticks)", quantity: quantity)
        rules = [
            Rule(
                name: refusal.name, passed: false, value: numbers.value, limit: numbers.limit,
                unit: numbers.unit, mend: refusal.help)
        ]
        size = quantity
        votes = []
    }
}
