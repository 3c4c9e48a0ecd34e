// ProfitReport.swift — profit by day, strategy or symbol, from the journal: the same numbers with
// and without a running bot, and with or without the database.
import Core

public enum ProfitKey: String, Sendable, CaseIterable {
    case day
    case strategy
    case symbol
}

/// One row; money in the quote currency.
public struct ProfitRow: Codable, Sendable, Equatable {
    /// `2026-11-24` (UTC), a strategy's name, or a symbol.
    public var key: String
    public var currency: String
    public var realised: String
    public var fees: String
    /// Realised less fees.
    public var net: String
    public var fills: Int
}

public struct ProfitReport: Codable, Sendable {
    public var by: String
    public var rows: [ProfitRow]
    /// Sums, one a currency.
    public var total: [ProfitRow]

    private struct Place: Hashable {
        let key: String
        let currency: String
    }

    private struct Sum {
        var realised = Money.zero
        var fees = Money.zero
        var fills = 0
    }

    /// `strategy`: the name of the one that trades; the operator's own orders are told apart.
    public static func read(
        journal: String, by key: ProfitKey, strategy: String
    ) throws(CoreError) -> ProfitReport {
        let replica = try JournalReplica(directory: journal)
        var before: [InstrumentID: PositionSnapshot] = [:]
        var sums: [Place: Sum] = [:]
        var isMore = true
        while isMore {
            isMore =
                try replica.read(most: 10_000) { entry in
                    guard case .report(_, let fill?) = entry.content,
                        replica.instruments.indices.contains(Int(fill.instrument.slot))
                    else { return }
                    let instrument = replica.instruments[Int(fill.instrument.slot)]
                    let after = replica.position(fill.instrument)
                    let last = before[fill.instrument] ?? PositionSnapshot()
                    before[fill.instrument] = after
                    let name = name(key, fill, instrument, replica, strategy)
                    let place = Place(key: name, currency: instrument.quote)
                    sums[place, default: Sum()].realised += after.realised - last.realised
                    sums[place, default: Sum()].fees += after.fees - last.fees
                    sums[place, default: Sum()].fills += 1
                } > 0
        }
        return ProfitReport(by: key, sums)
    }

    private static func name(
        _ key: ProfitKey, _ fill: Fill, _ instrument: Instrument, _ replica: JournalReplica,
        _ strategy: String
    ) -> String {
        switch key {
        case .day: return String(Times.text(fill.time).prefix(10))
        case .symbol: return instrument.symbol
        case .strategy:
            // An order that the lane has forgotten was the strategy's: operators place few.
            let number = replica.order(fill.order)?.strategy ?? 0
            return number == UInt16.max ? "operator" : strategy
        }
    }

    private init(by key: ProfitKey, _ sums: [Place: Sum]) {
        by = key.rawValue
        rows = sums.map { Self.row($0.key.key, $0.key.currency, $0.value) }
            .sorted { ($0.key, $0.currency) < ($1.key, $1.currency) }
        var totals: [String: Sum] = [:]
        for (place, sum) in sums {
            totals[place.currency, default: Sum()].realised += sum.realised
            totals[place.currency, default: Sum()].fees += sum.fees
            totals[place.currency, default: Sum()].fills += sum.fills
        }
        total = totals.map { Self.row("total", $0.key, $0.value) }
            .sorted { $0.currency < $1.currency }
    }

    private static func row(_ key: String, _ currency: String, _ sum: Sum) -> ProfitRow {
        ProfitRow(
            key: key, currency: currency, realised: sum.realised.description,
            fees: sum.fees.description, net: (sum.realised - sum.fees).description,
            fills: sum.fills)
    }
}
