// DocumentsTests.swift — the keys that scripts rely on. A change here breaks users: change the
// changelog with it.
import Foundation
import Testing

@testable import Bot

/// All keys of a value's JSON, nested ones with their path.
private func keys(_ value: some Encodable) throws -> [String] {
    let object = try JSONSerialization.jsonObject(with: try JSONText.encode(value))
    return paths(object).sorted()
}

private func paths(_ object: Any) -> [String] {
    guard let mapping = object as? [String: Any] else { return [] }
    return mapping.flatMap { key, value in
        let inner = paths(value)
        return inner.isEmpty ? [key] : inner.map { "\(key).\($0)" }
    }
}

private let latency = LatencyDocument(count: 1, p50: 2, p99: 3, p999: 4, max: 5)

@Suite("Documents") struct DocumentsTests {
    private let status = StatusDocument(
        version: "1", mode: "paper", venue: "binance", environment: "simulator",
        matchMode: "recorded", strategy: "ema_cross", started: "t", uptimeSeconds: 1,
        trading: "active", tradingReason: "", ready: true, network: "poll",
        networkRefusal: "x", laneAgeMs: 1, streams: [], instruments: [], openOrders: 0,
        unknownOrders: 0,
        counters: ["orders_sent": 1], latencyNs: ["tick_to_order": latency],
        profit: ProfitDocument(
            currency: "USDT", realised: "1", unrealised: "2", fees: "3", net: "4"),
        epoch: 1, journalRecords: 2, journalProblem: "x", storeProblem: "y",
        noticesLost: 0, conditions: [], alarms: [])

    @Test("Status") func statusKeys() throws {
        #expect(
            try keys(status) == [
                "alarms", "conditions", "counters.orders_sent", "environment", "epoch",
                "instruments",
                "journal_problem", "journal_records", "lane_age_ms",
                "latency_ns.tick_to_order.count", "latency_ns.tick_to_order.max",
                "latency_ns.tick_to_order.p50", "latency_ns.tick_to_order.p99",
                "latency_ns.tick_to_order.p999", "match_mode", "mode", "network", "network_refusal",
                "notices_lost", "open_orders", "profit.currency", "profit.fees", "profit.net",
                "profit.realised",
                "profit.unrealised", "ready", "started", "store_problem", "strategy", "streams",
                "trading", "trading_reason", "unknown_orders", "uptime_seconds", "venue", "version",
            ])
        #expect(
            try keys(
                StreamDocument(
                    name: "market", isOpen: true, reason: "", address: "::1", certificateDays: 9))
                == ["address", "certificate_days", "is_open", "name", "reason"])
        #expect(
            try keys(ConditionDocument(name: "clock", state: "halted", text: "x")) == [
                "name", "state", "text",
            ])
        let feed = StreamDocument(
            name: "market 2", isOpen: true, reason: "", group: 1, openSeconds: 2, first: 3,
            later: 4, gaps: 5, undecodable: 6, ageMs: 7, switches: 8, switchUs: 9, maxSwitchUs: 10,
            renewals: 11)
        #expect(
            try keys(feed) == [
                "age_ms", "first", "gaps", "group", "is_open", "later", "max_switch_us", "name",
                "open_seconds", "reason", "renewals", "switch_us", "switches", "undecodable",
            ])
        #expect(
            try keys(
                InstrumentDocument(
                    symbol: "A", bid: "1", ask: "2", book: "live", ageMs: 1, trading: "active",
                    silence: "quiet"))
                == ["age_ms", "ask", "bid", "book", "silence", "symbol", "trading"])
        #expect(
            try keys(AlarmDocument(time: "t", symbol: "A", text: "x")) == [
                "symbol", "text", "time",
            ])
    }

    private let order = OrderDocument(
        id: "1-2", clientOrderID: "c", venueOrderID: 3, symbol: "A", side: "buy", type: "limit",
        state: "live", price: "1", quantity: "2", filled: "0", cancelPending: false,
        source: "ema_cross", venueCode: -1)

    @Test("Orders") func orderKeys() throws {
        #expect(
            try keys(order) == [
                "cancel_pending", "client_order_id", "filled", "id", "price", "quantity", "side",
                "source", "state", "symbol", "type", "venue_code", "venue_order_id",
            ])
    }

    @Test("Positions") func positionKeys() throws {
        let position = PositionDocument(
            symbol: "A", quantity: "1", averagePrice: "2", mark: "3", value: "4", realised: "5",
            unrealised: "6", fees: "7", bought: "8", sold: "9", fills: 10)
        #expect(
            try keys(position) == [
                "average_price", "bought", "fees", "fills", "mark", "quantity", "realised", "sold",
                "symbol", "unrealised", "value",
            ])
    }

    @Test("Fills and refusals") func fillKeys() throws {
        let fill = FillDocument(
            time: "t", symbol: "A", order: "1-2", trade: 3, side: "buy", price: "1",
            quantity: "2", fee: "0", feeAsset: "USDT", liquidity: "maker")
        #expect(
            try keys(fill) == [
                "fee", "fee_asset", "liquidity", "order", "price", "quantity", "side", "symbol",
                "time", "trade",
            ])
        let refusal = WhyNotDocument(
            time: "t", symbol: "A", text: "x",
            order: WhyNotDocument.Order(side: "buy", price: "1", quantity: "2"),
            rules: [
                WhyNotDocument.Rule(
                    name: "collar", passed: false, value: "1", limit: "2", unit: "USDT", mend: "m")
            ],
            size: "2", votes: [])
        #expect(
            try keys(refusal) == [
                "order.price", "order.quantity", "order.side", "rules", "size", "symbol", "text",
                "time", "votes",
            ])
        #expect(
            try keys(refusal.rules[0]) == ["limit", "mend", "name", "passed", "unit", "value"])
    }

    @Test("Actions") func actionKeys() throws {
        #expect(
            try keys(ActionDocument(done: true, text: "x", openOrders: 0)) == [
                "done", "open_orders", "text",
            ])
    }

    @Test("The summary of a run") func summaryKeys() throws {
        let summary = RunSummary(
            orders: 1, fills: 2, rejects: 0, refusals: ["collar": 1], unknown: 0, openOrders: 0,
            position: ["BTCUSDT": "1"], pnl: "1", fees: "2", currency: "USDT", events: 3,
            tickToOrderNs: latency, latencyNs: [:], matchMode: "venue", seconds: 4,
            cleanShutdown: true, shutdown: "x", stateHash: "ff")
        let found = try keys(summary)
        let demanded = [
            "clean_shutdown", "events", "fees", "fills", "orders", "pnl", "position.BTCUSDT",
            "rejects", "tick_to_order_ns.max", "tick_to_order_ns.p50", "tick_to_order_ns.p99",
            "tick_to_order_ns.p999", "unknown",
        ]
        #expect(Set(found).isSuperset(of: demanded))
    }

    @Test("What is written can be read again") func readsAgain() throws {
        let again = try JSONText.decode(OrderDocument.self, try JSONText.encode(order))
        #expect(again.clientOrderID == "c" && again.venueOrderID == 3)
        let status = try JSONText.decode(StatusDocument.self, try JSONText.encode(status))
        #expect(status.counters == ["orders_sent": 1])
        #expect(status.latencyNs["tick_to_order"]?.p999 == 4)
    }

    @Test("Symbols and file names keep their letters") func keepsLetters() throws {
        let text = String(decoding: try JSONText.encode(["BTCUSDT": "a/b"]), as: UTF8.self)
        #expect(text == #"{"BTCUSDT":"a/b"}"#)
    }
}
