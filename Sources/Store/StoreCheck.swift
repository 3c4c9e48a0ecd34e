// StoreCheck.swift — compares the database, row for row, with one rebuilt in memory.
import GRDB

/// One row that is not as the journal says. Columns as `name=value`.
public struct RowDifference: Sendable, Codable, Equatable {
    public var table: String
    public var key: String
    /// Nil: the row is missing there.
    public var database: String?
    public var journal: String?

    public var text: String {
        switch (database, journal) {
        case (let database?, let journal?):
            "\(table) \(key): \(database) in the database, \(journal) by the journal"
        case (nil, let journal?): "\(table) \(key): missing in the database: \(journal)"
        case (let database?, nil): "\(table) \(key): not in the journal: \(database)"
        case (nil, nil): "\(table) \(key)"
        }
    }
}

public struct CheckReport: Sendable, Codable {
    public var path: String
    /// Record of the journal up to which the database goes.
    public var sequence: UInt64
    /// Rows compared.
    public var rows: Int
    public var differences: Int
    /// The first ones.
    public var shown: [RowDifference]

    public var isEqual: Bool { differences == 0 }
}

public enum StoreCheck {
    /// Differences listed; all are counted.
    public static let longestList = 100

    /// Compares up to the record that the database has reached. Changes nothing.
    public static func run(journal: String, file: StoreFile) throws(StoreError) -> CheckReport {
        guard file.identity != nil else {
            throw .unavailable(path: file.path, "no such file; make it: needletail store rebuild")
        }
        let account = try StoreFollower.account(journal)
        try file.inspect(account: account.map { Store.name($0) })
        let queue = try file.database(readOnly: true)
        return try translating(file.path) {
            try queue.read { db in try compare(db, journal, file) }
        }
    }

    private static func compare(
        _ db: Database, _ journal: String, _ file: StoreFile
    ) throws -> CheckReport {
        let damage = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard damage == "ok" else { throw StoreError.damaged(path: file.path, damage) }
        let schema = try Schema.version(db)
        guard schema == Schema.version else {
            throw StoreError.unavailable(
                path: file.path,
                "has the older schema \(schema), this program \(Schema.version); the next start "
                    + "of the bot brings it up to date, and so does needletail store rebuild")
        }
        let last = try Store.mark(db) ?? Store.Mark(sequence: 0, checksum: 0)
        var report = CheckReport(
            path: file.path, sequence: last.sequence, rows: 0, differences: 0, shown: [])
        let follower = StoreFollower(journal: journal, place: .memory, end: last.sequence)
        try follower.run()
        guard follower.sequence == last.sequence, let rebuilt = follower.store else {
            guard last.sequence > 0 else { return report }
            throw StoreError.notThisJournal(
                path: file.path,
                "goes up to record \(last.sequence), the journal to \(follower.sequence)")
        }
        guard rebuilt.last == last else {
            throw StoreError.notThisJournal(path: file.path, "was made from another journal")
        }
        try rebuilt.queue.read { other in
            for table in Table.all { try compare(table, db, other, &report) }
        }
        return report
    }

    /// Walks both tables in the order of their key.
    private static func compare(
        _ table: Table, _ db: Database, _ rebuilt: Database, _ report: inout CheckReport
    ) throws {
        let columns = table.columns.joined(separator: ",")
        let sql =
            "SELECT \(columns) FROM \(table.name) ORDER BY \(table.key.joined(separator: ","))"
        let left = try Row.fetchCursor(db, sql: sql)
        let right = try Row.fetchCursor(rebuilt, sql: sql)
        var mine = try left.next().map { StoredRow(table, $0) }
        var wanted = try right.next().map { StoredRow(table, $0) }
        while mine != nil || wanted != nil {
            report.rows += 1
            let order = StoredRow.order(mine, wanted)
            note(table, order <= 0 ? mine : nil, order >= 0 ? wanted : nil, &report)
            if order <= 0 { mine = try left.next().map { StoredRow(table, $0) } }
            if order >= 0 { wanted = try right.next().map { StoredRow(table, $0) } }
        }
    }

    private static func note(
        _ table: Table, _ mine: StoredRow?, _ wanted: StoredRow?, _ report: inout CheckReport
    ) {
        guard mine?.values != wanted?.values, let key = (mine ?? wanted)?.keyText else { return }
        report.differences += 1
        guard report.shown.count < longestList else { return }
        report.shown.append(
            RowDifference(
                table: table.name, key: key, database: mine?.text(unlike: wanted),
                journal: wanted?.text(unlike: mine)))
    }
}

/// A row copied out of its cursor.
private struct StoredRow {
    let table: Table
    let values: [DatabaseValue]

    init(_ table: Table, _ row: Row) {
        self.table = table
        values = Array(row.databaseValues)
    }

    private var key: [DatabaseValue] {
        table.key.compactMap { table.columns.firstIndex(of: $0).map { values[$0] } }
    }

    var keyText: String { key.map { StoredRow.text($0) }.joined(separator: " ") }

    /// The columns that differ from `other`, or all of them.
    func text(unlike other: StoredRow?) -> String {
        zip(table.columns, values).enumerated().filter { index, _ in
            other.map { $0.values[index] != values[index] } ?? true
        }.map { _, pair in "\(pair.0)=\(StoredRow.text(pair.1))" }.joined(separator: " ")
    }

    /// Negative: `a` comes first; zero: equal keys.
    static func order(_ a: StoredRow?, _ b: StoredRow?) -> Int {
        guard let a else { return 1 }
        guard let b else { return -1 }
        for (left, right) in zip(a.key, b.key) where left != right {
            return StoredRow.isBefore(left, right) ? -1 : 1
        }
        return 0
    }

    /// As SQLite orders integers and text.
    private static func isBefore(_ a: DatabaseValue, _ b: DatabaseValue) -> Bool {
        switch (a.storage, b.storage) {
        case (.int64(let a), .int64(let b)): a < b
        case (.string(let a), .string(let b)):
            Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8))
        case (.int64, _): true
        default: false
        }
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "null"
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }
}
