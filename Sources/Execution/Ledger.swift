// Ledger.swift — positions, fees and profit from fills, off the lane.
//
// The arithmetic is the core's own (nt/position.h); the lane keeps the same numbers for its gate,
// and `differences` says when the two are not equal, which would be a bug of ours.
public import Core

/// Profit of one instrument, or of all, in the quote currency.
public struct Profit: Sendable, Hashable {
    public var realised: Money = .zero
    public var unrealised: Money = .zero
    public var fees: Money = .zero

    public init() {}

    /// What is left after fees if everything were closed at the mark, before the fees of closing.
    public var net: Money { realised + unrealised - fees }
}

/// Values; one thread at a time.
public struct Ledger: Sendable {
    public let instruments: [Instrument]
    public private(set) var positions: [PositionSnapshot]
    private var seen: [Set<Int64>]

    public init(instruments: [Instrument]) {
        self.instruments = instruments
        positions = instruments.map { _ in PositionSnapshot() }
        seen = instruments.map { _ in [] }
    }

    /// Starts from a known position, such as the journal's.
    public mutating func restore(_ instrument: InstrumentID, _ position: PositionSnapshot) {
        positions[Int(instrument.slot)] = position
    }

    /// Applies a fill once, however often it is told. False: already counted.
    @discardableResult
    public mutating func apply(_ fill: Fill) throws(CoreError) -> Bool {
        let slot = Int(fill.instrument.slot)
        guard positions.indices.contains(slot) else {
            throw CoreError(.notFound, "a fill of an instrument that this ledger does not know")
        }
        guard seen[slot].insert(fill.trade).inserted else { return false }
        try positions[slot].fill(
            instruments[slot], fill.side, price: fill.price, quantity: fill.quantity,
            fee: fill.fee, feeAsset: fill.feeAsset)
        #if NT_PLANTED
            if planted(.ledgerForgetsFees) { positions[slot].fees = .zero }
        #endif
        return true
    }

    /// Profit of one instrument with what is held valued at `mark` (nil: unrealised is zero).
    public func profit(_ instrument: InstrumentID, mark: Price?) -> Profit {
        let slot = Int(instrument.slot)
        var profit = Profit()
        profit.realised = positions[slot].realised
        profit.fees = positions[slot].fees
        if let mark {
            profit.unrealised = positions[slot].unrealised(instruments[slot], mark: mark)
        }
        return profit
    }

    /// Sum over all instruments; they must share a quote currency to mean something.
    public func profit(marks: [Price?]) -> Profit {
        var total = Profit()
        for (slot, mark) in marks.enumerated() {
            let one = profit(InstrumentID(slot: UInt32(slot)), mark: mark)
            total.realised += one.realised
            total.unrealised += one.unrealised
            total.fees += one.fees
        }
        return total
    }

    /// Nil when this ledger and the lane agree on the instrument.
    public func difference(_ instrument: InstrumentID, lane: PositionSnapshot) -> String? {
        let own = positions[Int(instrument.slot)]
        guard own != lane else { return nil }
        return "ledger has \(own.lots) lots after \(own.fills) fills, "
            + "the lane has \(lane.lots) after \(lane.fills)"
    }
}
