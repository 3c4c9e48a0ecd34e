// LobsterReplay.swift — a LOBSTER message file through a real book, held against its orderbook
// file.
//
// Row i of the orderbook file is the book after message i. The book starts from the first row;
// every later message is applied, and every later row compared.
import Core

package struct LobsterReplay {
    private let path: String
    private let checkPath: String
    private let clock: Clock
    private let levels: Int
    private let messages: TextLines
    private let rows: TextLines
    private var row: LobsterRow
    private var book: LobsterBook
    private var report: ReplayReport

    /// Only for texts.
    private static let instrument = Instrument(
        symbol: "", base: "", quote: "", priceDecimals: 4, quantityDecimals: 0)

    /// `levels`: how many per side to compare; nil compares all that the orderbook file has.
    package static func run(
        _ path: String, check checkPath: String, levels: Int? = nil, clock: Clock,
        progress: ReplayProgress = { _ in }
    ) throws(ReplayError) -> ReplayReport {
        let rows = try TextLines(checkPath)
        let messages = try TextLines(path)
        var row = LobsterRow()
        guard let first = try rows.next() else {
            guard try messages.next() == nil else {
                throw .unreadable(path: checkPath, reason: "the file is empty")
            }
            var report = ReplayReport(format: "lobster", file: path)
            report.problem = "the file is empty"
            return report
        }
        try row.read(first, of: rows)
        let width = row.width
        guard (1...width).contains(levels ?? width) else {
            throw .usage("--levels must be 1 … \(width): \(checkPath) has no more")
        }
        let book = try inCore { () throws(CoreError) in try LobsterBook(row) }
        var replay = LobsterReplay(
            path: path, checkPath: checkPath, clock: clock, levels: levels ?? width,
            messages: messages, rows: rows, row: row, book: book,
            report: ReplayReport(format: "lobster", file: path))
        return try replay.result(progress)
    }

    private mutating func result(_ progress: ReplayProgress) throws(ReplayError) -> ReplayReport {
        // The first row already holds what the first message did.
        guard let first = try messages.next() else {
            throw .unreadable(path: path, reason: "the file is empty")
        }
        _ = try LobsterMessage(first, of: messages)
        report.messages = 1
        while let line = try messages.next() {
            report.messages += 1
            if messages.number.isMultiple(of: replayProgressInterval) { progress(messages.number) }
            let isPossible = try apply(line)
            guard let bytes = try rows.next() else {
                throw .malformed(
                    path: checkPath, line: rows.number + 1,
                    problem: "no row for the message at \(path):\(messages.number)")
            }
            try row.read(bytes, of: rows)
            try compareRow(isPossible)
        }
        guard try rows.next() == nil else { throw rows.malformed("a row without a message") }
        if report.rowsChecked == 0 { report.problem = "no row follows the first" }
        return report
    }

    /// False when the message takes away more than rests at its price.
    private mutating func apply(_ line: UnsafeRawBufferPointer) throws(ReplayError) -> Bool {
        let begin = clock.monotonic
        let message = try LobsterMessage(line, of: messages)
        let effect = try change(message)
        report.coreNanoseconds += clock.monotonic - begin
        report.note(message.kind.name)
        switch effect {
        case nil, .applied: break
        case .beyondSight: report.note("beyond_sight")
        case .impossible(let resting):
            let found = "\(resting) there, and message \(message.size) at \(message.price)"
            mismatch(message.side, 0, expected: "no more taken than rests", found: found)
            return false
        }
        return true
    }

    /// Nil when the message changes no level.
    private mutating func change(
        _ message: LobsterMessage
    ) throws(ReplayError) -> LobsterBook.Effect? {
        let lots: Int64
        switch message.kind {
        case .new: lots = message.size
        case .partialCancel, .delete, .visibleExecution: lots = -message.size
        case .hiddenExecution, .cross, .halt: return nil
        }
        return try inCore { () throws(CoreError) in
            try book.change(message.side, Price(ticks: message.price), by: lots)
        }
    }

    private mutating func compareRow(_ isPossible: Bool) throws(ReplayError) {
        var (compared, isRight) = (0, isPossible)
        for side in Side.allCases {
            let expected = row[side]
            for index in 0..<levels {
                let level = index < expected.count ? expected[index] : nil
                switch book.compare(side, index, with: level) {
                case .equal:
                    compared += 1
                case .undetermined:
                    report.undetermined += 1
                case .different(let found):
                    compared += 1
                    isRight = false
                    let (expected, found) = (Self.text(level), Self.text(found))
                    mismatch(side, index, expected: expected, found: found)
                }
            }
            try inCore { () throws(CoreError) in try book.adopt(row, side) }
        }
        report.levelsCompared += compared
        if compared > 0 { report.rowsChecked += 1 }
        if !isRight { report.mismatches += 1 }
    }

    private static func text(_ level: Level?) -> String {
        level.map { levelText($0, instrument) } ?? "empty"
    }

    private mutating func mismatch(
        _ side: Side, _ index: Int, expected: String, found: String
    ) {
        guard report.firstMismatch == nil else { return }
        report.firstMismatch = ReplayReport.Mismatch(
            file: checkPath, line: messages.number, side: side == .buy ? "bid" : "ask",
            level: index + 1, expected: expected, found: found)
    }
}
