// WorldWatch.swift — what must hold at every moment, whatever goes wrong.
//
// It knows the venue's truth, which the lane does not. Each check is one of the promises of
// docs/world.md; a violation says which, when and about what.
import Core
import Execution
import WorldVenue

final class WorldWatch {
    private(set) var violations: [String] = []
    private(set) var unknown = WorldReport.Unknown()
    /// FNV-1a over everything that was told.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var trace: ((String) -> Void)?
    private let venue: OpaquePointer
    private let time: ManualTime
    private let clock: Clock
    private static let mostViolations = 8

    init(venue: OpaquePointer, time: ManualTime) {
        self.venue = venue
        self.time = time
        clock = Clock(manual: time)
    }

    func violated(_ text: String) {
        guard violations.count < Self.mostViolations else { return }
        violations.append("\(moment): \(text)")
        note("VIOLATION \(text)")
    }

    func note(_ text: @autoclosure () -> String) {
        guard let trace else { return }
        trace("\(moment) \(text())")
    }

    /// Simulated milliseconds since the world began.
    private var moment: String {
        "\((clock.monotonic - World.beginning) / 1_000_000) ms"
    }

    func mix(_ value: UInt64) {
        var rest = value
        for _ in 0..<8 {
            hash = (hash ^ (rest & 0xff)) &* 0x100_0000_01b3
            rest >>= 8
        }
    }

    // MARK: What leaves

    func sent(_ request: world_sent, _ lane: Lane) {
        guard request.is_place else { return }
        mix(request.key)
        note("sent \(OrderKey(raw: request.key)) \(request.buys ? "buy" : "sell")")
        checkOffers(lane)
        // A seller of what is held reduces; a buyer never does here, since nothing is short.
        guard request.buys else { return }
        if lane.trading != .active { violated("a buy left while trading is \(lane.trading)") }
        let instrument = InstrumentID(slot: request.instrument)
        if !lane.top(instrument).isValid { violated("a buy left on a book that is not valid") }
        let age = clock.monotonic - lane.lastData(instrument)
        if age > WorldBot.maxAgeMilliseconds * 1_000_000 {
            violated("a buy left on data of \(age / 1_000_000) ms ago")
        }
    }

    // MARK: What the lane says

    func changed(_ order: OrderSnapshot, before: OrderState) {
        mix(order.key.raw ^ UInt64(order.state.rawValue) << 56)
        guard order.state != before else { return }
        note("\(order.key) \(before.name) → \(order.state.name), filled \(order.filled.lots)")
        if order.state == .unknown { unknown.made += 1 }
        if before == .unknown {
            count(order)
        }
        checkEnd(order)
    }

    /// How a doubt ended.
    private func count(_ order: OrderSnapshot) {
        if order.isResolved {
            unknown.byOperator += 1
        } else if order.state == .absent {
            unknown.byAbsence += 1
        } else {
            unknown.byEvidence += 1
        }
    }

    /// What an operator who sees the venue's truth can say of an order in doubt; nil: of none.
    func word(_ lane: Lane) -> LaneCommand? {
        for order in lane.orders where order.state == .unknown {
            var truth = world_order()
            let key = order.key
            guard world_order_find(venue, key.raw, &truth) else {
                if world_may_come(venue, key.raw) { continue }
                return .resolve(
                    key, as: key.raw % 2 == 0 ? .absent : .rejected, filled: nil, reason: "looked")
            }
            if truth.open { continue }
            let isFilled = truth.filled == truth.quantity
            return .resolve(
                key, as: isFilled ? .filled : .canceled,
                filled: isFilled ? nil : Quantity(lots: truth.filled), reason: "looked")
        }
        return nil
    }

    /// An end that the lane believes must be the venue's.
    func checkEnd(_ order: OrderSnapshot) {
        var truth = world_order()
        let exists = world_order_find(venue, order.key.raw, &truth)
        switch order.state {
        case .abandoned, .rejected, .absent:
            if exists { violated("\(order.key) is \(order.state.name), but the venue made it") }
        case .filled, .canceled, .expired:
            if !exists || truth.open {
                violated("\(order.key) is \(order.state.name), but open at the venue")
            }
        case .disputed: violated("\(order.key) is disputed, and the venue never lied")
        case .none, .queued, .sent, .unknown, .live, .partial: break
        }
    }

    // MARK: At every step

    /// Worst cases hold: whatever the venue has done by now, the lane has reserved.
    func step(_ lane: Lane) {
        for slot in lane.instruments.indices {
            let id = InstrumentID(slot: UInt32(slot))
            let held = lane.position(id).lots
            let open = lane.openLots(id)
            let truth = world_position(venue, id.slot)
            if truth > held + open.buy || truth < held - open.sell {
                violated(
                    "\(lane.instruments[slot].symbol): the venue has \(truth) lots, the lane "
                        + "\(held), +\(open.buy) −\(open.sell) open")
            }
        }
        checkOffers(lane)
    }

    /// What is offered to exit is held: by what the venue has or is about to get, and by what the
    /// lane believes, orders in doubt included.
    func checkOffers(_ lane: Lane) {
        for slot in lane.instruments.indices {
            let id = InstrumentID(slot: UInt32(slot))
            let offered = world_offered(venue, id.slot)
            let truth = world_position(venue, id.slot)
            if offered > max(0, truth) {
                violated("\(lane.instruments[slot].symbol): \(offered) offered, \(truth) held")
            }
            let believed = lane.openLots(id).sell
            let held = lane.position(id).lots
            if believed > max(0, held) {
                violated(
                    "\(lane.instruments[slot].symbol): the lane offers \(believed) of \(held)")
            }
        }
    }

    /// No order that the venue has open is unknown to a start on a strict journal.
    func checkKnown(_ lane: Lane) {
        let known = Set(lane.orders.map(\.key.raw))
        for place in 0..<world_order_count(venue) {
            let order = world_order_at(venue, place)
            if order.key != 0, order.open, !known.contains(order.key) {
                violated("\(OrderKey(raw: order.key)) is at the venue and in no journal")
            }
        }
    }

    // MARK: At the end

    /// Each intent made at most one order.
    func checkCreations() {
        for place in 0..<world_order_count(venue) {
            let order = world_order_at(venue, place)
            if order.key != 0, order.creations > 1 {
                violated("\(OrderKey(raw: order.key)) was made \(order.creations) times")
            }
        }
    }

    /// Nil: the bot and the venue agree on everything. Else what they do not agree on.
    func difference(_ bot: WorldBot) -> String? {
        guard bot.lane.isReady else { return "not reconciled with the venue" }
        for slot in bot.lane.instruments.indices {
            let id = InstrumentID(slot: UInt32(slot))
            let symbol = bot.lane.instruments[slot].symbol
            let position = bot.lane.position(id)
            let truth = world_position(venue, id.slot)
            if position.lots != truth { return "\(symbol): \(position.lots) lots, not \(truth)" }
            if let other = bot.ledger.difference(id, lane: position) {
                return "\(symbol): \(other)"
            }
            if !bot.lane.top(id).isValid { return "\(symbol): the book is not valid" }
        }
        let open = bot.lane.orders.filter { !$0.state.isTerminal }
        for order in open {
            var truth = world_order()
            let exists = world_order_find(venue, order.key.raw, &truth)
            guard exists, truth.open, order.state == .live || order.state == .partial else {
                return "\(order.key) is \(order.state.name)"
            }
            guard truth.filled == order.filled.lots else { return "\(order.key): fills differ" }
        }
        let known = Set(open.map(\.key.raw))
        for place in 0..<world_order_count(venue) {
            let order = world_order_at(venue, place)
            if order.key != 0, order.open, !known.contains(order.key) {
                return "\(OrderKey(raw: order.key)) is open at the venue alone"
            }
        }
        return nil
    }
}
