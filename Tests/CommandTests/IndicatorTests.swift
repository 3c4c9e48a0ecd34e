// IndicatorTests.swift — `needletail indicator`.
import Foundation
import Testing

extension CommandTests {
    @Suite("Indicators") struct IndicatorTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        private let rows = """
            Date,Open,High,Low,Close,Volume
            1,10,12,9,11,100
            2,11,13,10,12,0
            3,12,12,12,12,50
            4,12,18,11,17,70
            """

        @Test("A CSV goes in, a CSV with empty cells before the first value comes out")
        func table() throws {
            let file = try folder.write("bars.csv", rows)
            let ended = try Program.run(
                ["indicator", "sma", "--input", file, "--params", "timeperiod=2"], in: folder)
            #expect(ended.status == 0 && ended.errors.isEmpty)
            #expect(ended.output == "real\n\n11.5\n12.0\n14.5\n")
            let bands = try Program.run(
                ["indicator", "AROON", "--input", file, "--params", "timeperiod=3"], in: folder)
            let said = bands.output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(said.first == "aroondown,aroonup" && said[1] == "," && said[4] == "0.0,100.0")
        }

        @Test("Another column, and JSON with null before the first value")
        func document() throws {
            let file = try folder.write("bars.csv", rows)
            let ended = try Program.run(
                [
                    "indicator", "sum", "--columns", "Volume", "--input", file, "--params",
                    "timeperiod=3", "--json",
                ], in: folder)
            let values = try ended.document()["columns"]["real"].list
            #expect(values.map(\.exists) == [false, false, true, true])
            #expect(values[3].number == 120)
        }

        @Test("The list has every name with its warm-up")
        func list() throws {
            let listed = try Program.run(["indicator", "list", "--json"], in: folder).document()
            let rsi = try #require(listed.list.first { $0["name"].text == "RSI" })
            #expect(rsi["warm_up"].number == 14)
            #expect(rsi["parameters"][0]["name"].text == "timeperiod")
            let table = try Program.run(["indicator", "list"], in: folder)
            #expect(table.status == 0 && table.output.contains("SUPERTREND"))
            #expect(listed.list.count == table.output.split(separator: "\n").count - 1)
        }

        @Test(
            "What is wrong is named, and ends with 2",
            arguments: [
                (["NOPE"], "no indicator NOPE; `needletail indicator list` names all"),
                (["SMA", "--params", "days=2"], "SMA has no parameter days; it has timeperiod"),
                (["SMA", "--params", "timeperiod=0"], "a whole number from 1 to 100000"),
                (["SMA", "--params", "timeperiod"], "--params wants name=number"),
                (["SMA", "--columns", "Bid"], "no column Bid; there are Date, Open"),
                (["BETA", "--columns", "High"], "BETA reads 2 columns, 1 are named"),
                (["MFI", "--columns", "High,Low,Close,Note"], "no column Note"),
            ])
        func refusals(arguments: [String], text: String) throws {
            let file = try folder.write("bars.csv", rows)
            let ended = try Program.run(
                ["indicator"] + arguments + ["--input", file], in: folder)
            #expect(ended.status == 2 && ended.output.isEmpty)
            #expect(ended.errors.contains(text), "\(ended.errors)")
        }

        @Test("A damaged file is refused with its line")
        func damaged() throws {
            let bad = try folder.write("bad.csv", "close\n1\nx\n")
            let ended = try Program.run(["indicator", "RSI", "--input", bad], in: folder)
            #expect(ended.status == 2)
            #expect(ended.errors.contains("line 3, column close: \"x\" is not a number"))
            let none = try Program.run(["indicator", "RSI", "--input", "none.csv"], in: folder)
            #expect(none.status == 2 && none.errors.contains("none.csv cannot be read"))
        }
    }
}
