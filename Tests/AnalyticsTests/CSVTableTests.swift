// CSVTableTests.swift — numbers out of text, and errors that say where.
import Analytics
import Testing

@Suite("CSV tables") struct CSVTableTests {
    @Test("Reads headers in any case, quotes, carriage returns and a byte order mark")
    func reads() throws {
        let table = try CSVTable("\u{feff}Date,CLOSE ,\"No, te\"\r\n\"1, 2\",3.5,x\r\n2,,y\r\n\r\n")
        #expect(table.header == ["Date", "CLOSE", "No, te"])
        let numbers = try table.numbers("close")
        #expect(numbers.count == 2 && numbers[0] == 3.5 && numbers[1].isNaN)
        #expect(table.rows[0][0] == "1, 2")
    }

    @Test("Names line and column of what it cannot read")
    func refuses() {
        #expect(throws: CSVError.empty) { try CSVTable("") }
        #expect(throws: CSVError.width(line: 3, cells: 1, wanted: 2)) {
            try CSVTable("a,b\n1,2\n3")
        }
        #expect(throws: CSVError.openQuote(line: 2)) { try CSVTable("a\n\"x") }
        #expect(throws: CSVError.noColumn("c", header: ["a", "b"])) {
            try CSVTable("a,b\n1,2").numbers("c")
        }
        for bad in ["x", "1e999", "--1", "inf"] {
            #expect(throws: CSVError.notANumber(line: 2, column: "a", text: bad)) {
                try CSVTable("a\n\(bad)").numbers("a")
            }
        }
    }

    @Test("Rows before the first value are left out of the warm-up; a hole later is refused")
    func holes() throws {
        let entry = try IndicatorCatalogue.entry("SMA")
        let table = try CSVTable("close,b\n,1\n,1\n2,1\n4,1\n6,1")
        let line = try entry.columns(over: table, settings: ["timeperiod": 2])[0]
        #expect(line.prefix(3).allSatisfy { $0.isNaN } && line.suffix(2) == [3, 5])
        let holed = try CSVTable("close,b\n2,1\n,1\n6,1")
        #expect(throws: CSVError.gap(line: 3, column: "close")) {
            try entry.columns(over: holed, settings: ["timeperiod": 2])
        }
        #expect(throws: IndicatorError.columnCount(of: "SMA", wanted: 1, given: 2)) {
            try entry.columns(over: table, columns: ["close", "b"])
        }
    }
}
