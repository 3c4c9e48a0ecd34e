// TouchRecord.swift — best levels after each depth update, held against the venue's quotes by id.
//
// A quote states the best levels as of its update id; so after a depth update with last id u, the
// book's best levels are those of the quote with the greatest id not above u. Arrival order says
// nothing: the two streams are sent apart. Hence both are collected and matched at the end.
import Core

struct TouchRecord {
    /// Of each kind; a capture of some days.
    static let maxEntries = 10_000_000

    struct Entry {
        /// Of the update or quote.
        let id: Int64
        let bid: Level
        let ask: Level
        let line: Int
        /// Updates: quotes with lower ids may be missing, for the recording has a hole there.
        var trustedFrom: Int64 = 0
    }

    private var updates: [Entry] = []
    private var quotes: [Entry] = []

    /// False when there is no more room.
    mutating func append(update: Entry) -> Bool {
        updates.append(update)
        return updates.count < TouchRecord.maxEntries
    }

    mutating func append(quote: Entry) -> Bool {
        quotes.append(quote)
        return quotes.count < TouchRecord.maxEntries
    }

    func check(_ report: inout ReplayReport, _ instrument: Instrument) {
        // Of quotes with one id the last one counts.
        let sorted = quotes.sorted { ($0.id, $0.line) < ($1.id, $1.line) }
        for update in updates {
            guard let quote = TouchRecord.last(sorted, upTo: update.id),
                quote.id >= update.trustedFrom
            else {
                report.undetermined += 1
                continue
            }
            report.rowsChecked += 1
            report.levelsCompared += 2
            let isBidRight = TouchRecord.agree(update.bid, quote.bid)
            guard !isBidRight || !TouchRecord.agree(update.ask, quote.ask) else { continue }
            report.mismatches += 1
            guard report.firstMismatch == nil else { continue }
            let found = levelText(isBidRight ? update.ask : update.bid, instrument)
            let expected = levelText(isBidRight ? quote.ask : quote.bid, instrument)
            report.firstMismatch = ReplayReport.Mismatch(
                file: report.file, line: update.line, side: isBidRight ? "ask" : "bid", level: 1,
                expected: "\(expected) (update \(quote.id), line \(quote.line))",
                found: "\(found) (update \(update.id))")
        }
    }

    private static func last(_ quotes: [Entry], upTo id: Int64) -> Entry? {
        var (low, high) = (0, quotes.count)
        while low < high {
            let middle = (low + high) / 2
            if quotes[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? quotes[low - 1] : nil
    }

    private static func agree(_ a: Level, _ b: Level) -> Bool {
        a == b || (a.isEmpty && b.isEmpty)
    }
}

/// As in a report.
func levelText(_ level: Level, _ instrument: Instrument) -> String {
    guard !level.isEmpty else { return "empty" }
    return "\(instrument.text(level.price)) × \(instrument.text(level.quantity))"
}
