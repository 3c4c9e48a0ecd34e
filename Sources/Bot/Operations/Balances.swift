// Balances.swift — what the account holds, as the venue tells it.
import Core
import VenueKit

public struct BalanceDocument: Codable, Sendable, Equatable {
    public var asset: String
    public var free: String
    public var locked: String
    public var total: String
}

public struct BalancesDocument: Codable, Sendable {
    /// `venue` (asked now), `stream` (as last told), or `paper`.
    public var source: String
    /// Nil where all is well: why there is nothing, or less than asked for.
    public var note: String?
    public var balances: [BalanceDocument]
}

extension BalancesDocument {
    static let paper = BalancesDocument(
        source: "paper", note: "paper: no account; `needletail positions` shows what is held",
        balances: [])

    /// Assets that hold nothing are left out.
    init(venue: [AccountBalance]) {
        source = "venue"
        note = nil
        balances = Self.rows(venue.map { ($0.asset, $0.free, $0.locked) })
    }

    init(told: [String: (free: Money, locked: Money)], note: String?) {
        source = "stream"
        self.note = note
        balances = Self.rows(told.map { ($0.key, $0.value.free, $0.value.locked) })
    }

    private static func rows(_ found: [(String, Money, Money)]) -> [BalanceDocument] {
        found.filter { $0.1 != .zero || $0.2 != .zero }.sorted { $0.0 < $1.0 }.map {
            BalanceDocument(
                asset: $0.0, free: $0.1.description, locked: $0.2.description,
                total: total($0.1, $0.2))
        }
    }

    /// Two amounts of the venue's may be more than fits.
    private static func total(_ free: Money, _ locked: Money) -> String {
        let (units, overflows) = free.units.addingReportingOverflow(locked.units)
        return overflows ? "over \(Money(units: .max))" : Money(units: units).description
    }
}
