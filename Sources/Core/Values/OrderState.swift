// OrderState.swift — the states of an order, as `nt/order.h` has them.

public enum OrderState: UInt8, Sendable, Hashable, CaseIterable, Codable {
    case none = 0
    /// Approved and journaled, not yet handed to the socket.
    case queued = 1
    /// Provably never sent.
    case abandoned = 2
    /// Handed over; the venue may have it.
    case sent = 3
    /// Outcome not proven: its worst case stays reserved.
    case unknown = 4
    case live = 5
    case partial = 6
    case filled = 7
    case canceled = 8
    case expired = 9
    case rejected = 10
    /// Proven never accepted.
    case absent = 11
    /// Evidence contradicts; needs the operator.
    case disputed = 12

    /// As `nt_order_is_terminal` has it: a dispute ends by the operator alone.
    public var isTerminal: Bool {
        switch self {
        case .abandoned, .filled, .canceled, .expired, .rejected, .absent: true
        case .none, .queued, .sent, .unknown, .live, .partial, .disputed: false
        }
    }

    public var name: String { "\(self)" }
}
