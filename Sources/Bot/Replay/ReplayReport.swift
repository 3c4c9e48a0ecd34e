// ReplayReport.swift — what a replay of recorded book messages found.

/// Called now and then with the number of lines read so far.
package typealias ReplayProgress = (Int) -> Void

/// Lines between two calls of a `ReplayProgress`.
let replayProgressInterval = 1 << 13

package struct ReplayReport: Encodable, Sendable {
    /// The first thing that differed.
    package struct Mismatch: Encodable, Sendable, Equatable {
        package var file: String
        package var line: Int
        package var side: String
        /// 1 is the best.
        package var level: Int
        /// "price × quantity", "empty", or a statement.
        package var expected: String
        package var found: String

        package var text: String {
            "\(file):\(line): \(side) level \(level): expected \(expected), the book has \(found)"
        }
    }

    package var format: String
    package var file: String
    /// What was replayed, such as "usdm BTCUSDT"; empty when the file does not say.
    package var subject = ""
    package var messages = 0
    /// Rows of which at least one level was compared.
    package var rowsChecked = 0
    package var levelsCompared = 0
    /// Rows of which at least one compared level differs.
    package var mismatches = 0
    /// `lobster`: levels that the file cannot determine. `binance-capture`: applied updates
    /// without a quote to compare with.
    package var undetermined = 0
    /// Times that the book was given up: ids did not chain, or bids met asks.
    package var gaps = 0
    /// Nanoseconds spent in decoding and applying, clock reads included, reading excluded.
    package var coreNanoseconds: Int64 = 0
    /// How often each kind of message occurred, and what else is worth knowing.
    package var notes: [String: Int] = [:]
    package var firstMismatch: Mismatch?
    /// Why nothing, or not the whole file, could be checked.
    package var problem: String?

    package init(format: String, file: String) {
        self.format = format
        self.file = file
    }

    /// All was checked that the file allows, and nothing differed.
    package var isClean: Bool { rowsChecked > 0 && mismatches == 0 && problem == nil }

    package var nanosecondsPerMessage: Double {
        guard messages > 0 else { return 0 }
        return (Double(coreNanoseconds) / Double(messages) * 10).rounded() / 10
    }

    mutating func note(_ kind: String) { notes[kind, default: 0] += 1 }

    private enum Key: String, CodingKey {
        case format, file, subject, messages, mismatches, undetermined, gaps, notes, problem
        case rowsChecked = "rows_checked"
        case levelsCompared = "levels_compared"
        case nanosecondsPerMessage = "ns_per_message"
        case firstMismatch = "first_mismatch"
    }

    /// By hand, so that what is absent is written as null: a reader finds every key.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(format, forKey: .format)
        try container.encode(file, forKey: .file)
        try container.encode(subject, forKey: .subject)
        try container.encode(messages, forKey: .messages)
        try container.encode(rowsChecked, forKey: .rowsChecked)
        try container.encode(levelsCompared, forKey: .levelsCompared)
        try container.encode(mismatches, forKey: .mismatches)
        try container.encode(undetermined, forKey: .undetermined)
        try container.encode(gaps, forKey: .gaps)
        try container.encode(nanosecondsPerMessage, forKey: .nanosecondsPerMessage)
        try container.encode(notes, forKey: .notes)
        try container.encode(firstMismatch, forKey: .firstMismatch)
        try container.encode(problem, forKey: .problem)
    }
}
