// WatchPainter.swift — writes the running bot into the board, each part as often as it is worth.
//
// It reads what commands read: documents, copies under a short lock, and what the lane publishes.
// The board compares, so painting the same again costs no byte to anyone.
import Core
import Execution
import Foundation

final class WatchPainter: @unchecked Sendable {
    /// Turns are tenths of a second.
    private static let everyHalfSecond: UInt64 = 5
    private static let everySecond: UInt64 = 10
    private static let maxOpenOrders = 100
    private static let maxRecentOrders = 20

    // The feed's thread alone paints, and ends before the session.
    private unowned let session: BotSession
    private var fillsPainted: UInt64 = 0
    private var refusalsPainted: UInt64 = 0
    private var alarmsPainted: UInt64 = 0
    private var candlesPainted: [Int64]
    private var turn: UInt64 = 0

    init(_ session: BotSession) {
        self.session = session
        candlesPainted = Array(repeating: 0, count: session.instruments.count)
    }

    func paint(_ board: inout WatchBoard, _ turn: UInt64) {
        self.turn = turn
        paintStatus(&board)
        paintMarkets(&board)
        put("orders", session.orderDocuments(last: Self.maxOpenOrders), &board)
        paintFills(&board)
        paintAlarms(&board)
        if isDue(Self.everyHalfSecond) {
            put("positions", session.positionDocuments(), &board)
            put("profit", session.profitDocument(), &board)
            put("recent_orders", session.recentOrderDocuments(last: Self.maxRecentOrders), &board)
            paintRefusals(&board)
        }
        if isDue(Self.everySecond) {
            put("latency", session.latencyDocuments(), &board)
            put("counters", session.counters.document, &board)
            put("balances", session.balanceDocuments(), &board)
            paintEquity(&board)
        }
    }

    private func isDue(_ turns: UInt64) -> Bool { turn % turns == 0 }

    private func put(_ name: String, _ value: some Encodable, _ board: inout WatchBoard) {
        if let text = try? JSONText.encode(value) { board.set(name, text) }
    }

    private func add(
        _ name: String, _ key: Int64, _ value: some Encodable, _ board: inout WatchBoard
    ) {
        if let text = try? JSONText.encode(value) { board.append(name, key: key, text) }
    }

    private func paintStatus(_ board: inout WatchBoard) {
        put("status", session.watchStatus(), &board)
        let now = session.clock.monotonic
        let ages = session.instruments.indices.map { slot in
            let last = session.lane.lastData(InstrumentID(slot: UInt32(slot)))
            return last == 0 ? nil : (now - last) / 1_000_000
        }
        let pulse = WatchPulse(
            timeMs: session.clock.wall / 1_000_000,
            uptimeSeconds: (now - session.startedMonotonic) / 1_000_000_000,
            laneAgeMs: (now - session.duty.heartbeat) / 1_000_000, dataAgeMs: ages)
        put("pulse", pulse, &board)
    }

    private func paintMarkets(_ board: inout WatchBoard) {
        put("markets", session.marketDocuments(), &board)
        for (slot, instrument) in session.instruments.enumerated() {
            let id = InstrumentID(slot: UInt32(slot))
            let top = session.lane.top(id)
            let depth = WatchDepth(
                bids: top.bids.map { [instrument.text($0.price), instrument.text($0.quantity)] },
                asks: top.asks.map { [instrument.text($0.price), instrument.text($0.quantity)] })
            put("depth/\(instrument.symbol)", depth, &board)
            let since = candlesPainted[slot]
            for candle in session.state.read({ $0.candles.since(since, of: id) }) {
                let prices = [candle.open, candle.high, candle.low, candle.close]
                let texts = prices.map { instrument.text($0) } + [instrument.text(candle.volume)]
                add("candles/\(instrument.symbol)", candle.second, texts, &board)
                candlesPainted[slot] = candle.second
            }
        }
    }

    /// How many of `count` entries are news, of those that a series keeps.
    private func news(_ count: UInt64, _ painted: UInt64) -> Int {
        Int(min(count &- painted, UInt64(WatchBoard.longestSeries)))
    }

    /// Painted when the count did not move while the documents were made; else at the next turn.
    private func paintFills(_ board: inout WatchBoard) {
        let count = session.state.read { $0.fillCount }
        let documents = session.fillDocuments(last: news(count, fillsPainted))
        guard session.state.read({ $0.fillCount }) == count else { return }
        number(documents, upTo: count, "fills", &board)
        fillsPainted = count
    }

    private func paintRefusals(_ board: inout WatchBoard) {
        let count = session.refusalCount
        let documents = session.refusalDocuments(last: news(count, refusalsPainted))
        guard session.refusalCount == count else { return }
        number(documents, upTo: count, "refusals", &board)
        refusalsPainted = count
    }

    private func paintAlarms(_ board: inout WatchBoard) {
        let count = session.state.read { $0.alarmCount }
        let documents = session.alarmDocuments(last: news(count, alarmsPainted))
        guard session.state.read({ $0.alarmCount }) == count else { return }
        number(documents, upTo: count, "alarms", &board)
        alarmsPainted = count
    }

    /// `documents`, newest first, are the last of `count`; their ordinals are the keys.
    private func number(
        _ documents: [some Encodable], upTo count: UInt64, _ name: String,
        _ board: inout WatchBoard
    ) {
        for (index, document) in documents.reversed().enumerated() {
            add(name, Int64(count) - Int64(documents.count - 1 - index), document, &board)
        }
    }

    private func paintEquity(_ board: inout WatchBoard) {
        let second = session.clock.wall / 1_000_000_000
        add("profit", second, session.profit().net.description, &board)
    }
}

extension WatchFeed {
    /// The feed of a running bot.
    convenience init(_ session: BotSession) {
        let painter = WatchPainter(session)
        self.init { painter.paint(&$0, $1) }
    }
}
