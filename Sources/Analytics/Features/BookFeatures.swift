// BookFeatures.swift — what an order book and its trades say of the next moments.

/// One price level, sizes in units of the base.
public struct BookLevel: Sendable, Equatable {
    public var price, size: Double

    public init(price: Double, size: Double) {
        self.price = price
        self.size = size
    }
}

/// Features of the levels near the touch and of the trades between two looks. Neither allocates nor
/// keeps more than the last touch.
public struct BookFeatures: Sendable {
    public struct Output: Sendable, Equatable {
        /// `(bid − ask) / (bid + ask)` of the sizes of the best level, of the best five, of all
        /// that were given: −1 all on the ask, 1 all on the bid.
        public var imbalance, imbalance5, imbalanceAll: Double
        /// Best ask less best bid, in parts of the middle.
        public var spread: Double
        /// Prices weighted by the sizes across, less the middle, in parts of the spread: −½ … ½.
        public var microprice: Double
        /// Order-flow imbalance since the last look, in parts of the sizes at the touch (Cont,
        /// Kukanov and Stoikov 2014).
        public var orderFlow: Double
        /// Bought less sold since the last look, in parts of what was traded: −1 … 1.
        public var tradeFlow: Double
    }

    private var lastBid, lastAsk: BookLevel?
    private var bought = 0.0
    private var sold = 0.0

    public init() {}

    /// A trade; `isBuy`: the buyer took.
    public mutating func trade(size: Double, isBuy: Bool) {
        if isBuy { bought += size } else { sold += size }
    }

    /// The book, best levels first; nil where a side is empty or the sides cross.
    public mutating func look(
        bids: UnsafeBufferPointer<BookLevel>, asks: UnsafeBufferPointer<BookLevel>
    ) -> Output? {
        guard let bid = bids.first, let ask = asks.first, bid.price < ask.price, bid.price > 0,
            bid.size > 0, ask.size > 0
        else {
            (lastBid, lastAsk) = (nil, nil)
            return nil
        }
        let middle = (bid.price + ask.price) / 2
        let micro = (bid.price * ask.size + ask.price * bid.size) / (bid.size + ask.size)
        let traded = bought + sold
        let output = Output(
            imbalance: Self.imbalance(bids, asks, 1), imbalance5: Self.imbalance(bids, asks, 5),
            imbalanceAll: Self.imbalance(bids, asks, .max),
            spread: (ask.price - bid.price) / middle,
            microprice: (micro - middle) / (ask.price - bid.price),
            orderFlow: flow(bid, ask) / (bid.size + ask.size),
            tradeFlow: traded > 0 ? (bought - sold) / traded : 0)
        (lastBid, lastAsk, bought, sold) = (bid, ask, 0, 0)
        return output
    }

    private static func imbalance(
        _ bids: UnsafeBufferPointer<BookLevel>, _ asks: UnsafeBufferPointer<BookLevel>, _ depth: Int
    ) -> Double {
        var (bid, ask) = (0.0, 0.0)
        for level in bids.prefix(depth) { bid += level.size }
        for level in asks.prefix(depth) { ask += level.size }
        return bid + ask > 0 ? (bid - ask) / (bid + ask) : 0
    }

    /// What was added to the bid and taken from the ask, less the opposite.
    private func flow(_ bid: BookLevel, _ ask: BookLevel) -> Double {
        guard let lastBid, let lastAsk else { return 0 }
        var flow = 0.0
        if bid.price >= lastBid.price { flow += bid.size }
        if bid.price <= lastBid.price { flow -= lastBid.size }
        if ask.price <= lastAsk.price { flow -= ask.size }
        if ask.price >= lastAsk.price { flow += lastAsk.size }
        return flow
    }
}
