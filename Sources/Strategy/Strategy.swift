// Strategy.swift — what a strategy is: a value that turns market events into intents.
public import Core

/// Runs on the lane, once per event. Must not allocate, block, throw, log, read a clock or use
/// randomness: time comes with the context, so that backtest, replay, paper and live decide alike.
public protocol Strategy {
    /// A market event of one of its instruments.
    mutating func onMarket(_ event: MarketEvent, _ context: LaneContext, _ intents: Intents)
    /// One of its orders changed.
    mutating func onOrder(_ update: OrderUpdate, _ context: LaneContext, _ intents: Intents)
    /// The gate refused one of its intents.
    mutating func onRefusal(_ refusal: OrderRefusal, _ context: LaneContext, _ intents: Intents)
}

extension Strategy {
    public mutating func onOrder(
        _ update: OrderUpdate, _ context: LaneContext, _ intents: Intents
    ) {}

    public mutating func onRefusal(
        _ refusal: OrderRefusal, _ context: LaneContext, _ intents: Intents
    ) {}
}

/// Puts a strategy behind the lane's callback.
public final class StrategyHost<Hosted: Strategy>: LaneHandler {
    public private(set) var strategy: Hosted

    public init(_ strategy: Hosted) {
        self.strategy = strategy
        super.init()
    }

    public override func decide(_ context: LaneContext, _ call: LaneCall, _ intents: Intents) {
        if let update = call.update {
            strategy.onOrder(update, context, intents)
        } else if let refusal = call.refusal {
            strategy.onRefusal(refusal, context, intents)
        } else {
            strategy.onMarket(call.event, context, intents)
        }
    }
}
