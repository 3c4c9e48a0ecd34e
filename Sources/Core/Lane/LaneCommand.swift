// LaneCommand.swift — what operator and brain may ask of a running lane.
import CCore

/// Why a service lowers trading for a while; each is set and lifted alone.
public enum HoldCause: Int64, Sendable, CaseIterable {
    case clock = 0
    case maintenance = 1
    case closed = 2
    case rules = 3
    /// The guard that should watch this bot is gone.
    case unguarded = 4
}

/// Each is journaled before it acts, and answered under its ticket.
public enum LaneCommand: Sendable {
    /// No new risk; every open order is cancelled until the venue shows it gone. `.none` = all.
    case halt(InstrumentID, reason: String)
    case reduce(InstrumentID, reason: String)
    case resume(InstrumentID, reason: String)
    case cancel(OrderKey)
    case cancelAll(InstrumentID)
    /// Cancels, then closes the position inside the emergency collar.
    case flatten(InstrumentID)
    case place(OperatorOrder)
    /// How an UNKNOWN or DISPUTED order ended: filled, canceled, rejected or absent. `filled`: what
    /// the venue has traded of it, where it is known.
    case resolve(OrderKey, as: OrderState, filled: Quantity?, reason: String)
    /// Compares orders and trades with the venue's now; answered when that is done.
    case reconcile
    /// Takes over the table that `Lane.publish` gave this version.
    case setLimits(version: UInt32, reason: String)
    /// Lowers trading beside what operator and lane decide; `.active` lifts it and ends no halt of
    /// theirs. For one cause; `.none` = all instruments.
    case hold(InstrumentID, HoldCause, TradingState, reason: String)
    /// Ends the lane; open orders are cancelled first unless they are to be kept.
    case stop(keepOrders: Bool)

    var c: nt_command {
        var c = nt_command()
        c.instrument = NT_NO_INSTRUMENT
        switch self {
        case .halt(let instrument, let reason):
            fill(&c, UInt32(NT_COMMAND_HALT), instrument, reason)
        case .reduce(let instrument, let reason):
            fill(&c, UInt32(NT_COMMAND_REDUCE), instrument, reason)
        case .resume(let instrument, let reason):
            fill(&c, UInt32(NT_COMMAND_RESUME), instrument, reason)
        case .cancel(let order):
            c.kind = UInt32(NT_COMMAND_CANCEL_ORDER)
            c.position_or_order = order.raw
        case .cancelAll(let instrument):
            fill(&c, UInt32(NT_COMMAND_CANCEL_ALL), instrument, "")
        case .flatten(let instrument):
            fill(&c, UInt32(NT_COMMAND_FLATTEN), instrument, "")
        case .place(let order):
            fill(&c, UInt32(NT_COMMAND_PLACE), order.instrument, "")
            c.argument.0 = order.price.ticks
            c.argument.1 = order.quantity.lots
            c.argument.2 = order.stop.ticks
            c.argument.3 = nt_place_shape(
                order.side.rawValue, order.type.rawValue, order.timeInForce.rawValue,
                order.reduceOnly ? 1 : 0)
        case .resolve(let order, let state, let filled, let reason):
            fill(&c, UInt32(NT_COMMAND_RESOLVE), .none, reason)
            c.position_or_order = order.raw
            c.argument.0 = Int64(state.rawValue)
            c.argument.1 = filled?.lots ?? -1
        case .reconcile: c.kind = UInt32(NT_COMMAND_RECONCILE)
        case .setLimits(let version, let reason):
            fill(&c, UInt32(NT_COMMAND_SET_LIMITS), .none, reason)
            c.generation = version
        case .hold(let instrument, let cause, let state, let reason):
            fill(&c, UInt32(NT_COMMAND_HOLD), instrument, reason)
            c.argument.0 = cause.rawValue
            c.argument.1 = Int64(state.rawValue)
        case .stop(let keepOrders):
            c.kind = UInt32(NT_COMMAND_STOP)
            c.argument.0 = keepOrders ? 1 : 0
        }
        return c
    }

    private func fill(
        _ c: inout nt_command, _ kind: UInt32, _ instrument: InstrumentID, _ reason: String
    ) {
        c.kind = kind
        c.instrument = instrument.slot
        copyText(reason, into: &c.reason)
    }
}

/// An order by hand; it passes the same gate.
public struct OperatorOrder: Sendable {
    public var instrument: InstrumentID
    public var side: Side
    public var type: OrderType
    public var quantity: Quantity
    public var price = Price(ticks: 0)
    public var stop = Price(ticks: 0)
    public var timeInForce = TimeInForce.gtc
    public var reduceOnly = false

    public init(instrument: InstrumentID, side: Side, type: OrderType, quantity: Quantity) {
        self.instrument = instrument
        self.side = side
        self.type = type
        self.quantity = quantity
    }
}

public struct LaneAnswer: Sendable {
    public var ticket: UInt64
    /// Nil: done.
    public var problem: CoreError.Code?
    public var text: String

    init(_ c: nt_answer) {
        ticket = c.ticket
        problem = c.status == 0 ? nil : CoreError.Code(rawValue: c.status) ?? .invalid
        text = fixedText(c.text)
    }
}
