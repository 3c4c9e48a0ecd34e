// EmaCross.swift — two moving averages of the mid price: in when the fast one crosses above the
// slow one, out when it crosses below. Long only. The smallest strategy that trades.
import Analytics
public import Core
public import Strategy

public struct EmaCrossParameters: Sendable {
    /// Periods in samples, `fast` < `slow`.
    public var fast: Int
    public var slow: Int
    /// Nanoseconds between samples of the mid price.
    public var sampleInterval: Int64
    /// Lots of one position, by instrument slot.
    public var lots: [Int64]
    /// How far beyond the touch an order may pay, in parts per million.
    public var slippagePPM: Int64

    public init(
        fast: Int, slow: Int, sampleInterval: Int64, lots: [Int64], slippagePPM: Int64 = 500
    ) {
        self.fast = fast
        self.slow = slow
        self.sampleInterval = sampleInterval
        self.lots = lots
        self.slippagePPM = slippagePPM
    }
}

public struct EmaCross: Strategy {
    private struct State {
        var fast: EMA
        var slow: EMA
        var nextSample: Int64 = 0
        /// Nil until both averages are defined.
        var isFastAbove: Bool?
        var wantsLong = false
    }

    private let parameters: EmaCrossParameters
    private var states: [State]

    public init(_ parameters: EmaCrossParameters) {
        precondition(parameters.fast < parameters.slow, "the fast period must be the shorter one")
        self.parameters = parameters
        states = parameters.lots.map { _ in
            State(fast: EMA(period: parameters.fast), slow: EMA(period: parameters.slow))
        }
    }

    public mutating func onMarket(
        _ event: MarketEvent, _ context: LaneContext, _ intents: Intents
    ) {
        let slot = Int(event.instrument.slot)
        guard slot < states.count, let mid = context.midHalfTicks else { return }
        sample(slot, mid: mid, now: context.now)
        guard context.isValid, context.isTrading, context.openOrders == 0 else { return }
        act(slot, event.instrument, context, intents)
    }

    /// Takes the mid price into the averages once per interval.
    private mutating func sample(_ slot: Int, mid: Int64, now: Int64) {
        guard now >= states[slot].nextSample else { return }
        states[slot].nextSample = now + parameters.sampleInterval
        let price = Double(mid)  // Half-ticks; a statistic, it never reaches the venue.
        let fast = states[slot].fast.update(price)
        let slow = states[slot].slow.update(price)
        guard let fast, let slow else { return }
        let isAbove = fast > slow
        if let wasAbove = states[slot].isFastAbove, wasAbove != isAbove {
            states[slot].wantsLong = isAbove
        }
        states[slot].isFastAbove = isAbove
    }

    /// Brings the position to what the averages want, one order at a time.
    private func act(
        _ slot: Int, _ instrument: InstrumentID, _ context: LaneContext, _ intents: Intents
    ) {
        // Not the position: fees taken in the base asset leave dust that can never be sold.
        let held = context.sellableLots
        // Half of one lot is nothing: it is bought when none is held.
        if states[slot].wantsLong, held < max(parameters.lots[slot] / 2, 1) {
            let limit = context.ask.price.ticks
            let price = Price(ticks: limit + limit * parameters.slippagePPM / 1_000_000)
            let quantity = Quantity(lots: parameters.lots[slot])
            intents.place(
                instrument, .buy, quantity, type: .limit, price: price, timeInForce: .ioc)
        } else if !states[slot].wantsLong, held >= max(context.minLots, 1) {
            let limit = context.bid.price.ticks
            let price = Price(ticks: limit - limit * parameters.slippagePPM / 1_000_000)
            intents.place(
                instrument, .sell, Quantity(lots: held), type: .limit, price: price,
                timeInForce: .ioc, reduceOnly: true)
        }
    }
}
