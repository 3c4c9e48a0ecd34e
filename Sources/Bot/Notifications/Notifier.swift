// Notifier.swift — decides what a person is told at once: halts, fills, orders without a proven
// outcome, market data that stays away.
import Core
import Foundation
import Synchronization

final class Notifier: @unchecked Sendable {
    private static let turn = 0.25
    /// What still waits at the end is given so long.
    private static let stopSeconds = 3.0

    private let channels: [NotifyChannel]
    private let settings: NotifySettings
    private let writer: EventWriter
    private let state: BotState
    private let lane: Lane
    private let clock: Clock
    private let number = Atomic<UInt64>(0)
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        _ channels: [NotifyChannel], _ settings: NotifySettings, instruments: [Instrument],
        state: BotState, lane: Lane, clock: Clock
    ) {
        self.channels = channels
        self.settings = settings
        writer = EventWriter(instruments: instruments)
        self.state = state
        self.lane = lane
        self.clock = clock
    }

    var documents: [ChannelDocument] { channels.map(\.document) }

    func start() {
        for channel in channels { channel.start() }
        let thread = Thread { [self] in
            var watch = NotifyWatch(settings, started: clock.monotonic)
            while !isStopping.load(ordering: .relaxed) {
                look(&watch)
                Thread.sleep(forTimeInterval: Self.turn)
            }
            ended.signal()
        }
        thread.name = "nt-notify"
        thread.start()
    }

    func stop() {
        guard !isStopping.exchange(true, ordering: .relaxed) else { return }
        ended.wait()
        for channel in channels { channel.beginStop() }
        let end = clock.monotonic + Int64(Self.stopSeconds * 1e9)
        for channel in channels {
            _ = channel.awaitStop(seconds: max(0, Double(end - clock.monotonic) / 1e9))
        }
    }

    /// One notice of the lane; returns at once.
    func hear(_ notice: LaneNotice) {
        switch notice.content {
        case .order(_, _, let fill?) where settings.fills:
            tell(.fill, writer.symbol(fill.instrument), "fill: \(writer.text(fill))")
        case .trading(let id, let state, let reason):
            let symbol = id == .none || id.strategy != nil ? nil : writer.symbol(id)
            let scope = symbol ?? (id == .none ? "the account" : "the strategy")
            switch state {
            case .halted: tell(.halt, symbol, "HALTED: \(scope): \(reason)")
            case .reducing: tell(.reducing, symbol, "only reducing: \(scope): \(reason)")
            case .active: tell(.resumed, symbol, "trading again: \(scope): \(reason)")
            }
        default: break
        }
    }

    private func tell(_ kind: NotifyMessage.Kind, _ symbol: String?, _ text: String) {
        let message = NotifyMessage(
            number: number.add(1, ordering: .relaxed).newValue, kind: kind, time: clock.wall,
            symbol: symbol, text: text)
        for channel in channels { channel.tell(message) }
    }

    /// What becomes worth a word by lasting.
    private func look(_ watch: inout NotifyWatch) {
        let orders = state.read { Array($0.orders.values) }
        let ages = writer.instruments.indices.map {
            lane.lastData(InstrumentID(slot: UInt32($0)))
        }
        for event in watch.look(orders, lastData: ages, now: clock.monotonic) {
            switch event {
            case .unknown(let order):
                let symbol = writer.symbol(order.instrument)
                tell(
                    .unknown, symbol,
                    "UNKNOWN for more than \(settings.unknownSeconds) s: order \(order.key) "
                        + "\(symbol); the bot goes on asking, `needletail reconcile` compares")
            case .known(let order):
                tell(
                    .unknown, writer.symbol(order.instrument),
                    "order \(order.key) is no longer unknown: \(order.state.name)")
            case .stale(let slot, let seconds):
                let symbol = writer.instruments[slot].symbol
                tell(.stale, symbol, "\(symbol): no market data for \(seconds) s")
            case .fresh(let slot):
                let symbol = writer.instruments[slot].symbol
                tell(.stale, symbol, "\(symbol): market data again")
            }
        }
    }
}

/// Remembers since when something is so, and what was told. Values; times are monotonic.
struct NotifyWatch {
    enum Event: Equatable {
        case unknown(OrderSnapshot)
        case known(OrderSnapshot)
        case stale(slot: Int, seconds: Int64)
        case fresh(slot: Int)
    }

    private let settings: NotifySettings
    private let started: Int64
    private var unknownSince: [OrderKey: Int64] = [:]
    private var toldUnknown: Set<OrderKey> = []
    private var toldStale: Set<Int> = []

    init(_ settings: NotifySettings, started: Int64) {
        self.settings = settings
        self.started = started
    }

    /// `lastData` by slot; zero: none yet.
    mutating func look(
        _ orders: [OrderSnapshot], lastData: [Int64], now: Int64
    ) -> [Event] {
        orders.sorted { $0.key.raw < $1.key.raw }.compactMap { lookAt($0, now) }
            + lastData.enumerated().compactMap { lookAt(slot: $0.offset, $0.element, now) }
    }

    private mutating func lookAt(_ order: OrderSnapshot, _ now: Int64) -> Event? {
        guard order.state == .unknown else {
            unknownSince[order.key] = nil
            return toldUnknown.remove(order.key) == nil ? nil : .known(order)
        }
        let since = unknownSince[order.key] ?? now
        unknownSince[order.key] = since
        guard now - since >= settings.unknownSeconds * 1_000_000_000 else { return nil }
        return toldUnknown.insert(order.key).inserted ? .unknown(order) : nil
    }

    private mutating func lookAt(slot: Int, _ last: Int64, _ now: Int64) -> Event? {
        let age = now - max(last, started)
        guard age >= settings.staleSeconds * 1_000_000_000 else {
            return toldStale.remove(slot) == nil ? nil : .fresh(slot: slot)
        }
        guard toldStale.insert(slot).inserted else { return nil }
        return .stale(slot: slot, seconds: age / 1_000_000_000)
    }
}
