// LiveView.swift — one screen of a running bot: prices, positions, orders, fills, latency.
import Core
import Foundation

/// Renders a session as lines; the caller decides where they go. No state but the title.
public struct LiveView: Sendable {
    private let title: String
    private let style: Style
    /// Lines of fills and of orders.
    private let listLength = 6

    public init(title: String, style: Style) {
        self.title = title
        self.style = style
    }

    public func lines(_ session: BotSession) -> [String] {
        let status = session.statusDocument()
        var out = [style.bold(title), stateLine(status), ""]
        out += instruments(session, status) + [""]
        out += orders(session) + [""]
        out += fills(session) + [""]
        out.append(profitLine(status.profit, session))
        out.append(latencyLine(status.latencyNs))
        out += status.alarms.prefix(2).map { style.warn("! \($0.text)") }
        return out
    }

    private func stateLine(_ status: StatusDocument) -> String {
        let trading =
            status.trading == "active" && status.ready
            ? style.good("trading") : style.warn(status.ready ? status.trading : "connecting")
        let counters = status.counters
        return "\(trading) · \(status.mode) on \(status.venue) (\(status.environment)) · "
            + "\(status.network) · \(counters["events"] ?? 0) events · "
            + "\(counters["orders_sent"] ?? 0) orders · \(counters["fills"] ?? 0) fills · "
            + "\(counters["refusals"] ?? 0) refused · up \(status.uptimeSeconds) s"
    }

    private func instruments(_ session: BotSession, _ status: StatusDocument) -> [String] {
        var table = Table(
            "symbol", ">bid", ">ask", "book", ">held", ">average", ">unrealised", ">realised",
            ">fees")
        for (instrument, position) in zip(status.instruments, session.positionDocuments()) {
            table.add(
                instrument.symbol, instrument.bid ?? "-", instrument.ask ?? "-", instrument.book,
                position.quantity, short(position.averagePrice), short(position.unrealised),
                short(position.realised), short(position.fees))
        }
        return table.lines
    }

    private func orders(_ session: BotSession) -> [String] {
        var table = Table("order", "symbol", "side", ">quantity", ">price", ">filled", "state")
        for order in session.orderDocuments(all: true, last: listLength) {
            table.add(
                order.id, order.symbol, order.side, order.quantity, order.price, order.filled,
                order.state)
        }
        return table.isEmpty ? ["no orders yet"] : table.lines
    }

    private func fills(_ session: BotSession) -> [String] {
        var table = Table("fill at", "symbol", "side", ">quantity", ">price", ">fee", "asset")
        for fill in session.fillDocuments(last: listLength) {
            let clock = fill.time.dropFirst(11).dropLast(1)
            table.add(
                String(clock), fill.symbol, fill.side, fill.quantity, fill.price,
                short(fill.fee, 6),
                fill.feeAsset)
        }
        return table.isEmpty ? ["no fills yet"] : table.lines
    }

    private func profitLine(_ profit: ProfitDocument, _ session: BotSession) -> String {
        "profit \(style.signed(short(profit.net))) \(profit.currency) = realised "
            + "\(short(profit.realised)) + unrealised \(short(profit.unrealised)) - fees "
            + "\(short(profit.fees))"
    }

    private func latencyLine(_ latency: [String: LatencyDocument]) -> String {
        let parts = LatencyStage.allCases.compactMap { stage -> String? in
            guard let one = latency[stage.name], one.count > 0 else { return nil }
            return "\(stage.name) p50 \(Self.duration(one.p50)) p99 \(Self.duration(one.p99))"
        }
        return style.dim(parts.isEmpty ? "no latency yet" : parts.joined(separator: " · "))
    }

    private func short(_ money: String, _ places: UInt32 = 2) -> String {
        guard let units = try? Decimals.read(money, decimals: Money.decimals) else { return money }
        return Money(units: units).rounded(to: places)
    }

    /// Nanoseconds in the unit a person would choose. What rounds to 1000 takes the next unit.
    public static func duration(_ nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<1_000: return "\(nanoseconds) ns"
        case ..<999_950: return String(format: "%.1f µs", Double(nanoseconds) / 1e3)
        case ..<999_950_000: return String(format: "%.1f ms", Double(nanoseconds) / 1e6)
        default: return String(format: "%.2f s", Double(nanoseconds) / 1e9)
        }
    }
}
