// PlantedRuleTests.swift — the rules about planted bugs, each with a bad sample.
import Foundation
import Testing

@Suite("Planted rules") struct PlantedRuleTests {
    private let header = SourceFile(
        plantedHeader,
        (1...30).map { "X(\($0), BUG_\($0), P3, \"bug \($0)\")" }.joined(separator: "\n"))

    private func sites(but missing: Int? = nil) -> SourceFile {
        let numbers = (1...30).filter { $0 != missing }
        return SourceFile(
            "CCore/lane/lane.c",
            numbers.map { "if (nt_planted(NT_BUG_BUG_\($0))) return;" }.joined(separator: "\n"))
    }

    @Test("Refuse a row that no source acts on") func site() {
        #expect(unplantedRows(header, sources: [sites()]).isEmpty)
        #expect(
            unplantedRows(header, sources: [sites(but: 7), header]).map(\.message)
                == ["BUG_7 is planted nowhere"])
        let swift = SourceFile("Sources/A.swift", "if planted(.bug7) { return }")
        #expect(unplantedRows(header, sources: [sites(but: 7), swift]).isEmpty)
    }

    @Test("Refuse numbers that do not count up, and a short list") func numbers() {
        let text = header.text.replacingOccurrences(of: "X(30,", with: "X(31,")
        #expect(
            unplantedRows(SourceFile(plantedHeader, text), sources: [sites()]).map(\.message)
                == ["BUG_30 should be number 30"])
        let short = SourceFile(plantedHeader, "X(1, BUG_1, P3, \"bug 1\")")
        #expect(unplantedRows(short, sources: [sites()]).count == 1)
    }

    @Test("Refuse a page that says something else") func page() {
        let rows = (1...30).map { "| \($0) | `BUG_\($0)` | P3 | bug \($0) | world | 4 |" }
        let page = SourceFile(plantedPage, rows.joined(separator: "\n"))
        #expect(untoldRows(page, header: header).isEmpty)
        let other = SourceFile(plantedPage, rows.dropLast().joined(separator: "\n"))
        #expect(untoldRows(other, header: header).count == 1)
    }
}
