// TerminalTests.swift — tables, colours and durations, as people see them.
import Testing

@testable import Bot

@Suite("Table") struct TableTests {
    @Test("Sets words to the left, numbers to the right, and trims lines") func aligns() {
        var table = Table("name", ">count", "note")
        table.add("a", "5", "")
        table.add("longer", "1234567", "x")
        #expect(
            table.lines == [
                "name      count  note",
                "a             5",
                "longer  1234567  x",
            ])
    }

    @Test("An empty table is its header") func empty() {
        let table = Table("one", ">two")
        #expect(table.isEmpty)
        #expect(table.lines == ["one  two"])
    }

    @Test("Counts characters, not bytes") func countsCharacters() {
        var table = Table("µ", "x")
        table.add("éé", "1")
        #expect(table.lines == ["µ   x", "éé  1"])
    }
}

@Suite("Style") struct StyleTests {
    @Test("Colours when asked to") func colours() {
        let style = Style(isColoured: true)
        #expect(style.bold("a") == "\u{1B}[1ma\u{1B}[0m")
        #expect(style.signed("-0.10") == style.bad("-0.10"))
        #expect(style.signed("0.10") == style.good("0.10"))
        #expect(style.signed("0.00") == "0.00")
    }

    @Test("Writes no escape without colours") func plain() {
        let style = Style(isColoured: false)
        for text in [style.bold("a"), style.dim("a"), style.bad("a"), style.warn("a")] {
            #expect(text == "a")
        }
    }

    @Test(
        "Only on a terminal, and not under NO_COLOR",
        arguments: [
            (true, nil, true), (true, "", true), (true, "1", false), (false, nil, false),
            (false, "1", false),
        ] as [(Bool, String?, Bool)])
    func choosesColours(isTerminal: Bool, noColor: String?, expected: Bool) {
        let environment = noColor.map { ["NO_COLOR": $0] } ?? [:]
        #expect(Style.isWanted(isTerminal: isTerminal, environment) == expected)
    }
}

@Suite("Live view") struct LiveViewTests {
    @Test(
        "Writes a duration in the unit a person would choose",
        arguments: [
            (0, "0 ns"), (999, "999 ns"), (1_000, "1.0 µs"), (12_345, "12.3 µs"),
            (999_949, "999.9 µs"), (999_950, "1.0 ms"), (1_000_000, "1.0 ms"),
            (999_949_999, "999.9 ms"), (999_950_000, "1.00 s"), (1_000_000_000, "1.00 s"),
            (61_500_000_000, "61.50 s"), (-5, "-5 ns"),
        ] as [(Int64, String)])
    func duration(nanoseconds: Int64, text: String) {
        #expect(LiveView.duration(nanoseconds) == text)
    }
}
