// BotState.swift — the services' picture of the bot, made of the lane's notices.
//
// A projection: bounded, locked, rebuilt at each start; journal and lane hold the truth. One
// services thread feeds it, any thread reads copies.
import Core
import Execution
import Synchronization

/// What is remembered of each kind; the oldest goes first.
private let maxFills = 10_000
private let maxRefusals = 1_000
private let maxAlarms = 200

struct StateContent {
    var orders: [OrderKey: OrderSnapshot] = [:]
    var finished: [OrderKey] = []
    var fills: [Fill] = []
    var fillCount: UInt64 = 0
    var refusals: [(time: Int64, refusal: Refusal)] = []
    var refusalCounts: [String: UInt64] = [:]
    var alarms: [(time: Int64, instrument: InstrumentID, text: String)] = []
    var alarmCount: UInt64 = 0
    var streams: [UInt32: (isOpen: Bool, reason: String)] = [:]
    var books: [UInt32: (isLive: Bool, text: String)] = [:]
    /// Trading states that were ever lowered, by scope: the account is `.none`.
    var scopes: [InstrumentID: (state: TradingState, reason: String, since: Int64)] = [:]
    var tradingReason: String { scopes[.none]?.reason ?? "" }
    var balances: [String: (free: Money, locked: Money)] = [:]
    var lastTrades: [UInt32: Price] = [:]
    var ledger: Ledger
    var ledgerProblem: String?
    var candles: CandleSeries

    init(instruments: [Instrument]) {
        ledger = Ledger(instruments: instruments)
        candles = CandleSeries(instruments: instruments.count)
    }
}

final class BotState: Sendable {
    private let content: Mutex<StateContent>
    /// Hears every notice after the picture has changed.
    private let listener = Mutex<OperatingDesk?>(nil)

    init(instruments: [Instrument]) {
        content = Mutex(StateContent(instruments: instruments))
    }

    /// What stands behind the operating commands; nil in a bot without them.
    var desk: OperatingDesk? { listener.withLock { $0 } }

    /// Once, before the first notice.
    func open(_ desk: OperatingDesk) { listener.withLock { $0 = desk } }

    /// Reads under the lock; keep it short.
    func read<Result>(_ body: (borrowing StateContent) -> sending Result) -> sending Result {
        content.withLock { body($0) }
    }

    /// What the journal held when the lane started.
    func restore(_ orders: [OrderSnapshot], _ positions: [PositionSnapshot]) {
        content.withLock { content in
            for order in orders { content.orders[order.key] = order }
            for (slot, position) in positions.enumerated() {
                content.ledger.restore(InstrumentID(slot: UInt32(slot)), position)
            }
        }
    }

    /// Takes one notice. Returns what a person should be told at once, if anything.
    func take(_ notice: LaneNotice) -> String? {
        let text = content.withLock { take(notice, &$0) }
        desk?.hear(notice)
        return text
    }

    private func take(_ notice: LaneNotice, _ content: inout StateContent) -> String? {
        switch notice.content {
        case .order(let order, let before, let fill):
            takeOrder(order, before, fill, notice, &content)
            return nil
        case .refused(let refusal):
            content.refusals.append((notice.time, refusal))
            if content.refusals.count > maxRefusals { content.refusals.removeFirst(100) }
            content.refusalCounts[refusal.name, default: 0] += 1
            return nil
        case .sync(let instrument, let isLive, let text):
            content.books[instrument.slot] = (isLive, text)
            return nil
        case .stream(let slot, let isOpen, let reason):
            content.streams[slot] = (isOpen, reason)
            return reason.isEmpty ? nil : "stream \(slot): \(reason)"
        case .trading(let instrument, let state, let reason):
            content.scopes[instrument] = (state, reason, notice.time)
            return "\(state.name): \(reason)"
        case .alarm(let instrument, let text):
            content.alarmCount += 1
            content.alarms.append((notice.time, instrument, text))
            if content.alarms.count > maxAlarms { content.alarms.removeFirst(50) }
            return text
        case .trade(let instrument, let price, let quantity, _):
            content.candles.take(instrument, price, quantity, at: notice.time)
            content.lastTrades[instrument.slot] = price
            return nil
        case .balance(let asset, let free, let locked):
            content.balances[asset] = (free, locked)
            return nil
        case .stopped, .snapshotWanted, .witnessWanted, .other:
            return nil
        }
    }

    private func takeOrder(
        _ order: OrderSnapshot, _ before: OrderState, _ fill: Fill?, _ notice: LaneNotice,
        _ content: inout StateContent
    ) {
        if order.key != .none { content.orders[order.key] = order }
        if order.state.isTerminal, !before.isTerminal {
            content.finished.append(order.key)
            if content.finished.count > maxFills {
                content.orders[content.finished.removeFirst()] = nil
            }
        }
        guard let fill else { return }
        content.fills.append(fill)
        content.fillCount += 1
        if content.fills.count > maxFills { content.fills.removeFirst(1000) }
        do throws(CoreError) {
            try content.ledger.apply(fill)
            content.ledgerProblem = content.ledger.difference(
                fill.instrument, lane: notice.position)
        } catch {
            content.ledgerProblem = error.text
        }
    }
}
