// JournalReplay.swift — `needletail journal replay`: what the records give, twice, and whether both
// runs agree.
import Core

public struct JournalReplay: Encodable, Sendable {
    public struct Position: Encodable, Sendable {
        public var symbol: String
        public var held: String
        public var averagePrice: String
        public var realised: String
        public var fees: String
        public var fills: UInt64
    }

    public struct Order: Encodable, Sendable {
        public var order: String
        public var symbol: String
        public var side: String
        public var type: String
        public var price: String
        public var quantity: String
        public var filled: String
        public var state: String
    }

    public var path: String
    public var records: UInt64
    public var lastSequence: UInt64
    /// Sixteen hexadecimal digits; stands for orders, positions, trading states and sequence.
    public var stateHash: String
    /// A second replay gave the same.
    public var isRepeatable: Bool
    public var trading: String
    public var positions: [Position]
    /// Orders remembered, by state.
    public var orders: [String: Int]
    /// Those without an end.
    public var open: [Order]

    /// Changes nothing; a bot that writes meanwhile may make the two runs differ.
    public static func of(_ directory: String) throws(JournalError) -> JournalReplay {
        try JournalError.look(directory)
        do throws(CoreError) {
            let state = try JournalState.replay(directory)
            let again = try JournalState.replay(directory)
            return JournalReplay(directory, state, isRepeatable: again.hash == state.hash)
        } catch {
            throw JournalError(error)
        }
    }

    private init(_ directory: String, _ state: JournalState, isRepeatable: Bool) {
        path = directory
        records = state.findings.records
        lastSequence = state.findings.lastSequence
        let digits = String(state.hash, radix: 16)
        stateHash = String(repeating: "0", count: 16 - digits.count) + digits
        self.isRepeatable = isRepeatable
        trading = state.trading.name
        positions = zip(state.instruments, state.positions).map { instrument, position in
            Position(
                symbol: instrument.symbol, held: instrument.text(Quantity(lots: position.lots)),
                averagePrice: position.averagePrice(instrument).description,
                realised: position.realised.description, fees: position.fees.description,
                fills: position.fills)
        }
        orders = state.orders.reduce(into: [:]) { $0[$1.state.name, default: 0] += 1 }
        open = state.orders.filter { !$0.state.isTerminal }.compactMap { order in
            let slot = Int(order.instrument.slot)
            guard state.instruments.indices.contains(slot) else { return nil }
            return Order(order, state.instruments[slot])
        }
    }
}

extension JournalReplay.Order {
    fileprivate init(_ snapshot: OrderSnapshot, _ instrument: Instrument) {
        order = snapshot.key.description
        symbol = instrument.symbol
        side = snapshot.side.name
        type = snapshot.type.name
        price = instrument.text(snapshot.price)
        quantity = instrument.text(snapshot.quantity)
        filled = instrument.text(snapshot.filled)
        state = snapshot.state.name
    }
}
