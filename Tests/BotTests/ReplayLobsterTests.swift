import Bot
import Core
import Foundation
import Testing

@Suite("Replay of a LOBSTER pair") struct ReplayLobsterTests {
    private let folder: ReplayFolder

    init() throws { folder = try ReplayFolder() }

    /// Two levels a side. The messages' first lines are those of the first row.
    private static let firstMessage = "34200.1,1,1,10,1000,1"
    private static let firstRow = "1100,5,1000,10,1200,6,900,20"

    private func replay(
        _ messages: [String], _ rows: [String], levels: Int? = nil
    ) throws -> ReplayReport {
        try LobsterReplay.run(
            folder.write("message.csv", [Self.firstMessage] + messages),
            check: folder.write("orderbook.csv", [Self.firstRow] + rows), levels: levels,
            clock: .system)
    }

    private func failure(_ messages: [String], _ rows: [String]) throws -> String? {
        let error = #expect(throws: ReplayError.self) { try replay(messages, rows) }
        return error?.description.replacingOccurrences(of: folder.url.path + "/", with: "")
    }

    // MARK: What messages do

    @Test("Adds, reduces, deletes and executes; hidden trades and halts change nothing")
    func appliesEveryKind() throws {
        let report = try replay(
            [
                "34200.2,1,2,3,1100,-1",  // joins the best ask
                "34200.3,2,1,4,1000,1",  // partial cancel
                "34200.4,4,2,2,1100,-1",  // visible execution
                "34200.5,5,0,50,1050,1",  // hidden execution
                "34200.6,7,0,0,-1,-1",  // halt
                "34200.7,6,9,50,1050,1",  // cross
            ],
            [
                "1100,8,1000,10,1200,6,900,20", "1100,8,1000,6,1200,6,900,20",
                "1100,6,1000,6,1200,6,900,20", "1100,6,1000,6,1200,6,900,20",
                "1100,6,1000,6,1200,6,900,20", "1100,6,1000,6,1200,6,900,20",
            ])
        #expect(report.messages == 7)
        #expect(report.rowsChecked == 6)
        #expect(report.levelsCompared == 24)
        #expect(report.mismatches == 0)
        #expect(report.undetermined == 0)
        #expect(report.notes["halts"] == 1)
        #expect(report.notes["hidden_executions"] == 1)
        #expect(report.isClean)
    }

    @Test("A level from beyond the window is undetermined once, then followed")
    func learnsFromBeyond() throws {
        let report = try replay(
            ["34200.2,3,1,10,1000,1", "34200.3,1,9,5,800,1", "34200.4,2,8,1,850,1"],
            [
                "1100,5,900,20,1200,6,850,7",  // 850 was beyond sight
                "1100,5,900,20,1200,6,850,7",  // 800 still is
                "1100,5,900,20,1200,6,850,6",  // known by now
            ])
        #expect(report.mismatches == 0)
        #expect(report.undetermined == 1)
        #expect(report.levelsCompared == 11)
        #expect(report.notes["beyond_sight"] == 1)
    }

    @Test("A level that was pushed out and comes back may have changed unseen")
    func pushedOutAndBack() throws {
        let report = try replay(
            ["34200.2,1,2,3,950,1", "34200.3,3,2,3,950,1"],
            ["1100,5,1000,10,1200,6,950,3", "1100,5,1000,10,1200,6,900,25"])
        #expect(report.mismatches == 0)
        #expect(report.undetermined == 1)
    }

    @Test("A side with fewer levels than the window is known whole") func knownWhole() throws {
        let none = "9999999999,0"
        let report = try replay(
            ["34200.2,3,2,6,1200,-1", "34200.3,1,3,4,5000,-1", "34200.4,3,3,4,5000,-1"],
            [
                "1100,5,1000,10,\(none),900,20",  // the file alone knows that nothing follows
                "1100,5,1000,10,5000,4,900,20",  // now known to be the next
                "1100,5,1000,10,\(none),900,20",  // as nothing is known to be beyond a full window
            ])
        #expect(report.mismatches == 0)
        #expect(report.undetermined == 2)
    }

    @Test("Compares as many levels as asked, and learns from all") func fewerLevels() throws {
        let messages = ["34200.2,3,1,10,1000,1", "34200.3,3,2,20,900,1"]
        let rows = ["1100,5,900,20,1200,6,850,7", "1100,5,850,7,1200,6,800,1"]
        let top = try replay(messages, rows, levels: 1)
        #expect((top.levelsCompared, top.undetermined, top.mismatches) == (4, 0, 0))
        let both = try replay(messages, rows)
        #expect((both.levelsCompared, both.undetermined, both.mismatches) == (6, 2, 0))
        #expect(throws: ReplayError.self) { try replay(messages, rows, levels: 3) }
        #expect(throws: ReplayError.self) { try replay(messages, rows, levels: 0) }
    }

    // MARK: Mismatches

    @Test("A wrong quantity is a mismatch with its line and level") func wrongQuantity() throws {
        let report = try replay(
            ["34200.2,1,2,3,1200,-1"], ["1100,5,1000,10,1200,8,900,20"])
        #expect(report.mismatches == 1)
        #expect(!report.isClean)
        let first = try #require(report.firstMismatch)
        #expect(first.file.hasSuffix("orderbook.csv"))
        #expect((first.line, first.side, first.level) == (2, "ask", 2))
        #expect((first.expected, first.found) == ("0.1200 × 8", "0.1200 × 9"))
    }

    @Test("A missing level within the window is a mismatch, not undetermined")
    func missingWithinWindow() throws {
        let report = try replay(
            ["34200.2,3,1,10,1000,1"], ["1100,5,950,2,1200,6,900,20"])
        #expect(report.mismatches == 1)
        #expect(report.undetermined == 0)
        // An error stays: the book never copies what it should have known.
        let still = try replay(
            ["34200.2,3,1,10,1000,1", "34200.3,5,0,1,1000,1"],
            ["1100,5,950,2,1200,6,900,20", "1100,5,950,2,1200,6,900,20"])
        #expect(still.mismatches == 2)
    }

    @Test("A level that should be gone is a mismatch") func levelTooMuch() throws {
        let report = try replay(
            ["34200.2,2,1,4,1000,1"], ["1100,5,900,20,1200,6,800,1"])
        #expect(report.mismatches == 1)
    }

    @Test("More taken than rests is a mismatch even when the row agrees") func impossible() throws {
        let report = try replay(
            ["34200.2,4,1,11,1000,1"], ["1100,5,900,20,1200,6,800,1"])
        #expect(report.mismatches == 1)
        #expect(report.firstMismatch?.expected == "no more taken than rests")
    }

    // MARK: Bad input

    @Test(
        "Names the malformed message",
        arguments: [
            ("34200.2,1,2,3,1100", "not six numbers: time, type, order id, size, price, direction"),
            ("34200.2,1,2,3,1100,-1,", "not six numbers: "), ("", "not six numbers: "),
            ("34.2.1,1,2,3,1100,-1", "not six numbers: "),
            ("1,1,2,9223372036854775808,1,1", "not six numbers: "),
            (#"1723 {"stream":"x"}"#, "not six numbers: "),
            ("34200.2,8,2,3,1100,-1", "message type 8 is not in 1 … 7"),
            ("34200.2,1,2,3,1100,0", "direction 0 is neither 1 nor -1"),
            ("34200.2,1,2,-3,1100,1", "size and price must be positive"),
        ])
    func malformedMessage(_ line: String, _ problem: String) throws {
        let found = try failure([line], [Self.firstRow])
        #expect(found?.hasPrefix("message.csv:2: \(problem)") == true, "\(found ?? "")")
    }

    @Test(
        "Names the malformed row",
        arguments: [
            ("1100,5,1000", "not groups of ask price, ask size, bid price, bid size"),
            ("1100,5,1000,x,1200,6,900,20", "not groups of "),
            ("1100,5,1000,10", "1 levels, where the first row has 2"),
            ("1100,5,1000,10,1050,6,900,20", "level 2 is out of order or not positive"),
            ("1100,0,1000,10,1200,6,900,20", "level 1 is out of order or not positive"),
            ("9999999999,0,1000,10,1200,6,900,20", "level 2 is out of order or not positive"),
        ])
    func malformedRow(_ row: String, _ problem: String) throws {
        let found = try failure(["34200.2,5,0,1,1000,1"], [row])
        #expect(found?.hasPrefix("orderbook.csv:2: \(problem)") == true, "\(found ?? "")")
    }

    @Test("Files of different lengths do not belong together") func differentLengths() throws {
        let message = "34200.2,5,0,1,1000,1"
        #expect(try failure([message], [])?.hasPrefix("orderbook.csv:2: no row for the") == true)
        #expect(try failure([], [Self.firstRow]) == "orderbook.csv:2: a row without a message")
    }

    @Test("Empty and one-row files check nothing") func nothingToCheck() throws {
        #expect(try replay([], []).problem == "no row follows the first")
        let empty = try folder.write("empty.csv", [])
        let report = try LobsterReplay.run(empty, check: empty, clock: .system)
        #expect(report.problem == "the file is empty")
        let rows = try folder.write("rows.csv", [Self.firstRow])
        #expect(throws: ReplayError.unreadable(path: empty, reason: "the file is empty")) {
            try LobsterReplay.run(empty, check: rows, clock: .system)
        }
    }

    // MARK: Recorded material

    private static let recorded = "data/orderbook/lobster"
    /// Undetermined levels by the pair's name; the rest of the figures follow from the files.
    private static let undetermined = [
        "AAPL_2012-06-21_34200000_57600000_message_1.csv": 30_071,
        "AMZN_2012-06-21_34200000_57600000_message_1.csv": 13_953,
        "AMZN_2012-06-21_34200000_57600000_message_5.csv": 33_840,
        "AAPL_2012-06-21_message_10_first998.csv.gz": 318,
    ]

    @Test(
        "Every row of every recorded pair agrees with the book",
        .enabled(if: Recorded.exists(recorded), Recorded.missing),
        arguments: Recorded.names(recorded, [".zip", ".csv.gz"])
            .filter { !$0.contains("_orderbook_") })
    func recordedPair(_ name: String) throws {
        let path = Recorded.path("\(Self.recorded)/\(name)")
        let files = name.hasSuffix(".zip") ? try folder.unzip(path) : [path]
        let messages = try #require(files.first { $0.contains("_message_") })
        let rows = messages.replacingOccurrences(of: "_message_", with: "_orderbook_")
        let report = try LobsterReplay.run(messages, check: rows, clock: .system)
        #expect(report.rowsChecked == report.messages - 1)
        #expect(report.messages > 900)
        #expect(report.mismatches == 0, "\(report.firstMismatch?.text ?? "")")
        let pair = URL(fileURLWithPath: messages).lastPathComponent
        #expect(report.undetermined == Self.undetermined[pair])
    }
}
