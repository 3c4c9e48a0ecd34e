// Venue.swift — what the slow services ask of any venue. The fast path is the codec's alone.
//
// Calls block, so that a service is plain code; never on a lane. Reads may be repeated inside
// (with a bound); nothing here places or changes an order.
import Core

public protocol Venue: AnyObject, Sendable {
    /// Such as "binance".
    var name: String { get }

    /// Rules of these symbols, in the order asked for; an unknown one is `.badSymbol`, named.
    func rules(_ symbols: [String]) throws(VenueError) -> [InstrumentRules]
    /// The venue's clock, UTC nanoseconds, as it answered.
    func serverTime() throws(VenueError) -> Int64
    /// The venue's clock against ours, corrected for the way there and back.
    func readClock() throws(VenueError) -> ClockReading
    /// A book snapshot as it came, for the lane's decoder.
    func depthBody(_ instrument: Instrument) throws(VenueError) -> [UInt8]
    /// The best few levels of it, at the least request weight.
    func witnessBody(_ instrument: Instrument) throws(VenueError) -> [UInt8]
    func lastPrice(_ instrument: Instrument) throws(VenueError) -> Price

    func balances() throws(VenueError) -> [AccountBalance]
    func openOrders(_ instrument: Instrument) throws(VenueError) -> [VenueOrder]
    /// `.orderNotFound` when the venue does not know the client id.
    func order(_ clientID: String, _ instrument: Instrument) throws(VenueError) -> VenueOrder
    /// All our trades with ids from `first` on, oldest first.
    func trades(_ instrument: Instrument, from first: Int64) throws(VenueError) -> [VenueTrade]
}

extension Venue {
    public func instruments(_ symbols: [String]) throws(VenueError) -> [Instrument] {
        try rules(symbols).map(\.instrument)
    }
}

/// What the venue says of an instrument now.
public struct InstrumentRules: Sendable, Hashable {
    public var instrument: Instrument
    /// The venue's own word, such as TRADING or BREAK.
    public var status: String
    /// New orders are taken.
    public var isTrading: Bool

    public init(instrument: Instrument, status: String, isTrading: Bool) {
        self.instrument = instrument
        self.status = status
        self.isTrading = isTrading
    }
}

public struct AccountBalance: Sendable, Hashable {
    public let asset: String
    public let free: Money
    public let locked: Money

    public init(asset: String, free: Money, locked: Money) {
        self.asset = asset
        self.free = free
        self.locked = locked
    }
}

/// An order as the venue tells it.
public struct VenueOrder: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case open
        case filled
        case canceled
        case rejected
        case expired
        /// A name that this version does not know.
        case unknown(String)
    }

    public let id: Int64
    public let clientID: String
    public let side: Side
    public let state: State
    public let price: Price
    public let quantity: Quantity
    public let filled: Quantity

    public init(
        id: Int64, clientID: String, side: Side, state: State, price: Price, quantity: Quantity,
        filled: Quantity
    ) {
        self.id = id
        self.clientID = clientID
        self.side = side
        self.state = state
        self.price = price
        self.quantity = quantity
        self.filled = filled
    }
}

/// One of our trades as the venue tells it.
public struct VenueTrade: Sendable, Hashable {
    public let id: Int64
    public let order: Int64
    public let side: Side
    public let isMaker: Bool
    public let price: Price
    public let quantity: Quantity
    public let fee: Money
    public let feeAsset: String
    /// UTC, nanoseconds.
    public let time: Int64

    public init(
        id: Int64, order: Int64, side: Side, isMaker: Bool, price: Price, quantity: Quantity,
        fee: Money, feeAsset: String, time: Int64
    ) {
        self.id = id
        self.order = order
        self.side = side
        self.isMaker = isMaker
        self.price = price
        self.quantity = quantity
        self.fee = fee
        self.feeAsset = feeAsset
        self.time = time
    }
}
