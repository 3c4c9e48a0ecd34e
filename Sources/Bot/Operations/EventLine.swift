// EventLine.swift — what happens, as lines for people and for the log file.
import Core

/// One line of the log.
public struct EventLine: Codable, Sendable, Equatable {
    public enum Level: String, Codable, Sendable {
        case info
        case warn
        case error
    }

    public var time: String
    public var level: Level
    /// `order`, `fill`, `refusal`, `book`, `stream`, `trading`, `alarm`, `limits`, `bot`, `notify`,
    /// `names`, `clock`, `venue`, `network`.
    public var subject: String
    public var text: String

    public init(time: String, level: Level, subject: String, text: String) {
        self.time = time
        self.level = level
        self.subject = subject
        self.text = text
    }
}

/// Turns notices into lines.
struct EventWriter: Sendable {
    let instruments: [Instrument]
    /// Names of the connections, by slot.
    var streams: [String] = []

    /// None for what would only be noise: public trades, balances, requests for books.
    func lines(_ notice: LaneNotice) -> [EventLine] {
        func line(_ level: EventLine.Level, _ subject: String, _ text: String) -> EventLine {
            EventLine(time: Times.text(notice.time), level: level, subject: subject, text: text)
        }
        switch notice.content {
        case .order(let order, let before, let fill):
            let isMove = order.key != .none && order.state != before
            let moved = isMove ? [line(level(order.state), "order", text(order, before))] : []
            return moved + (fill.map { [line(.info, "fill", text($0))] } ?? [])
        case .refused(let refusal): return [line(.warn, "refusal", text(refusal))]
        case .sync(let id, let isLive, let reason):
            let state = isLive ? "live" : reason
            return [line(isLive ? .info : .warn, "book", "\(symbol(id)): \(state)")]
        case .stream(let slot, let isOpen, let reason):
            let named = streams.indices.contains(Int(slot))
            let name = named ? streams[Int(slot)] : "connection \(slot)"
            let state = isOpen ? "open" : "down"
            let why = reason.isEmpty ? "" : ": \(reason)"
            return [line(isOpen ? .info : .warn, "stream", "\(name) \(state)\(why)")]
        case .trading(let id, let state, let reason):
            let scope = id == .none ? "account" : id.strategy == nil ? symbol(id) : "strategy"
            let level: EventLine.Level = state == .active ? .info : .warn
            return [line(level, "trading", "\(scope) \(state.name): \(reason)")]
        case .alarm(let id, let text):
            let scope = id == .none ? "" : "\(symbol(id)): "
            return [line(.error, "alarm", scope + text)]
        case .stopped(let hash):
            return [line(.info, "bot", "stopped, state \(String(hash, radix: 16))")]
        case .trade, .balance, .snapshotWanted, .witnessWanted, .other: return []
        }
    }

    private func level(_ state: OrderState) -> EventLine.Level {
        switch state {
        case .unknown, .rejected, .absent, .abandoned: .warn
        case .disputed: .error
        default: .info
        }
    }

    func symbol(_ id: InstrumentID) -> String { instrument(id)?.symbol ?? "?" }

    func instrument(_ id: InstrumentID) -> Instrument? {
        instruments.indices.contains(Int(id.slot)) ? instruments[Int(id.slot)] : nil
    }

    func text(_ order: OrderSnapshot, _ before: OrderState) -> String {
        guard let instrument = instrument(order.instrument) else { return "\(order.key)" }
        let price = order.type == .market ? "" : " at \(instrument.text(order.price))"
        let code = order.code == 0 ? "" : ", venue code \(order.code)"
        return "\(order.key) \(instrument.symbol) \(order.side.name) "
            + "\(instrument.text(order.quantity))\(price): \(before.name) → "
            + "\(order.state.name)\(code)"
    }

    func text(_ fill: Fill) -> String {
        guard let instrument = instrument(fill.instrument) else { return "\(fill.order)" }
        return "\(instrument.symbol) \(fill.side.name) \(instrument.text(fill.quantity)) at "
            + "\(instrument.text(fill.price)), order \(fill.order), trade \(fill.trade), fee "
            + "\(fill.fee) \(fill.feeAsset)"
    }

    func text(_ refusal: Refusal) -> String {
        let found = instrument(refusal.instrument)
        let quantity = found?.text(refusal.quantity) ?? "\(refusal.quantity.lots)"
        let numbers = RefusalText(refusal, found).sentence(refusal.name)
        return "\(symbol(refusal.instrument)) \(refusal.side.name) \(quantity): \(numbers)"
    }
}
