// Side.swift — the small vocabularies of an order.

/// Direction of an order or of a trade's taker. A bid is `.buy`.
public enum Side: UInt8, Sendable, Hashable, CaseIterable {
    case buy = 0
    case sell = 1

    @inlinable public var opposite: Side { self == .buy ? .sell : .buy }
    /// +1 for buys, -1 for sells.
    @inlinable public var sign: Int64 { self == .buy ? 1 : -1 }
    public var name: String { self == .buy ? "buy" : "sell" }
}

public enum OrderType: UInt8, Sendable, Hashable, CaseIterable {
    case limit = 0
    case market = 1
    /// Post only: refused if it would take.
    case limitMaker = 2
    /// Becomes a market order when trades reach the stop price.
    case stopMarket = 3
    /// Becomes a limit order when trades reach the stop price.
    case stopLimit = 4

    public var name: String {
        switch self {
        case .limit: "limit"
        case .market: "market"
        case .limitMaker: "limit_maker"
        case .stopMarket: "stop_market"
        case .stopLimit: "stop_limit"
        }
    }
}

public enum TimeInForce: UInt8, Sendable, Hashable, CaseIterable {
    /// Good till cancelled.
    case gtc = 0
    /// Immediate or cancel.
    case ioc = 1
    /// Fill or kill.
    case fok = 2
}
