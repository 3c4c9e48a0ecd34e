// WorldTrader.swift — a strategy that tries everything: good orders and bad ones, at any time.
import Core

/// Seeded; its wishes depend on what it sees and on its seed alone. One lane's.
final class WorldTrader: LaneHandler {
    /// False: it wishes for nothing more.
    var isActive = true
    private(set) var wishes = 0
    private var random: Random
    private var recent: [(order: OrderKey, instrument: InstrumentID)] = []
    private static let remembered = 24

    init(seed: UInt64) {
        random = Random(seed: seed)
        recent.reserveCapacity(Self.remembered)
    }

    override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        if let update = call.update {
            remember(update.order, call.event.instrument)
            return
        }
        guard isActive, call.refusal == nil else { return }
        switch random.below(40) {
        case 0, 1, 2: place(context, call.event.instrument, intents)
        case 3: cancel(intents)
        case 4: leave(context, call.event.instrument, intents)
        case 5, 6, 7: exit(context, call.event.instrument, intents)
        case 8: intents.keep(call.event.instrument)
        default: break
        }
    }

    private func remember(_ order: OrderKey, _ instrument: InstrumentID) {
        guard !recent.contains(where: { $0.order == order }) else { return }
        if recent.count == Self.remembered { recent.removeFirst() }
        recent.append((order, instrument))
    }

    /// Buys mostly, sells sometimes more than there is; the gate says which may go.
    private func place(_ context: LaneContext, _ instrument: InstrumentID, _ intents: Intents) {
        wishes += 1
        let side: Side = random.below(3) == 0 ? .sell : .buy
        let touch = side == .buy ? context.ask.price.ticks : context.bid.price.ticks
        let away = Int64(random.below(9)) - 6
        let price = Price(ticks: side == .buy ? touch + away : touch - away)
        let quantity = Quantity(lots: 1 + Int64(random.below(12)))
        switch random.below(6) {
        case 0: intents.place(instrument, side, quantity, type: .market)
        case 1:
            intents.place(
                instrument, side, quantity, type: .limit, price: price, timeInForce: .ioc)
        default: intents.place(instrument, side, quantity, type: .limit, price: price)
        }
    }

    private func cancel(_ intents: Intents) {
        guard !recent.isEmpty else { return }
        wishes += 1
        let chosen = recent[Int(random.below(UInt64(recent.count)))]
        intents.cancel(chosen.instrument, chosen.order)
    }

    /// Leaves what it holds or a part of it, by whatever kind of order, in place of the exit that
    /// rests or is in doubt.
    private func exit(_ context: LaneContext, _ instrument: InstrumentID, _ intents: Intents) {
        guard context.positionLots > 0 else { return }
        wishes += 1
        let part = Int64(random.below(UInt64(context.positionLots))) + 1
        let quantity = random.below(2) == 0 ? nil : Quantity(lots: part)
        let price = Price(ticks: context.bid.price.ticks + Int64(random.below(9)))
        switch random.below(4) {
        case 0: intents.exit(instrument, quantity)
        case 1:
            intents.exit(instrument, quantity, type: .limit, price: price, timeInForce: .ioc)
        default: intents.exit(instrument, quantity, type: .limit, price: price)
        }
    }

    /// Sells what it holds, by an order that may only reduce.
    private func leave(_ context: LaneContext, _ instrument: InstrumentID, _ intents: Intents) {
        guard context.positionLots > 0 else { return }
        wishes += 1
        intents.place(
            instrument, .sell, Quantity(lots: context.positionLots), type: .market,
            reduceOnly: true)
    }
}
