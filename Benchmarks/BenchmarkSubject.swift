// BenchmarkSubject.swift — what can be measured, and with what settings.

/// A part of the program with figures of its own.
public enum BenchmarkSubject: String, CaseIterable, Sendable, Codable {
    case book
    case decode
    case gate
    case orders
    case journal
    case lane
    case durability
    case wire
    case latency

    /// One line for `bench list`.
    public var summary: String {
        switch self {
        case .book:
            "depth events and single levels into the book, best levels read after each"
        case .decode: "depth, bookTicker and trade messages (JSON) into events"
        case .gate: "an order before every check of the gate; booked; taken from the budget"
        case .orders: "a whole life of an order in the order table: five changes, two trades"
        case .journal: "a record of 200 bytes into the journal's ring, its thread writing to disk"
        case .lane:
            "message in, EmaCross decides, order out: gate, journal, encoder, fake wire"
        case .durability:
            "from the decision to the order's bytes, by durability: ring, group, strict in turn"
        case .wire: "200 bytes to an echo server on loopback and back, WebSocket over TLS 1.3"
        case .latency: "tick to order and order to reply against the venue simulator, over TLS"
        }
    }
}

public struct BenchmarkOptions: Sendable {
    public enum Size: Sendable {
        case full
        /// A look in a second or two; the figures are rough.
        case quick
        /// For tests: does everything once, says nothing about time.
        case tiny
    }

    public var size = Size.full
    public var seed: UInt64 = 1
    /// Operations per clock reading; nil: each subject's own.
    public var batch: Int?
    /// A recorded Binance capture for `book`, plain or `.gz`.
    public var data: String?

    public init() {}

    /// Measured rounds; one more warms up.
    var rounds: Int {
        switch size {
        case .full: 11
        case .quick: 3
        case .tiny: 2
        }
    }

    /// Part of `full` samples, at least four.
    func samples(_ full: Int) -> Int {
        switch size {
        case .full: full
        case .quick: max(4, full / 8)
        case .tiny: max(4, full / 200)
        }
    }
}

public struct BenchmarkError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
