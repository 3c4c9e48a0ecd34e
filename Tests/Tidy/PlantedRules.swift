// PlantedRules.swift — the list of planted bugs: each row is once in it, and in the sources.
import Foundation

let plantedHeader = "CCore/include/nt/planted.h"
let plantedPage = "docs/planted.md"

/// A row of the list.
struct PlantedRow: Equatable {
    var number: Int
    var name: String
    var promise: String
    var text: String

    /// As a case in Swift: `LEDGER_FORGETS_FEES` is `ledgerForgetsFees`.
    var swiftName: String {
        let words = name.lowercased().split(separator: "_").map(String.init)
        return (words.first ?? "") + words.dropFirst().map(\.capitalized).joined()
    }
}

func plantedRows(_ header: SourceFile) -> [PlantedRow] {
    matches(of: #"X\((\d+), (\w+), (P\d+), "([^"\n]+)"\)"#, in: header.text).map { row in
        PlantedRow(
            number: Int(row.groups[0]) ?? 0, name: row.groups[1], promise: row.groups[2],
            text: row.groups[3])
    }
}

/// Rows whose number is not the next one, and rows that no source acts on.
func unplantedRows(_ header: SourceFile, sources: [SourceFile]) -> [Violation] {
    let rows = plantedRows(header)
    let text = sources.filter { $0.path != plantedHeader }.map(\.text).joined()
    var wrong = rows.enumerated().filter { $1.number != $0 + 1 }
        .map { "\($1.name) should be number \($0 + 1)" }
    for row in rows where !text.contains("nt_planted(NT_BUG_\(row.name))") {
        if text.contains("planted(.\(row.swiftName))") { continue }
        wrong.append("\(row.name) is planted nowhere")
    }
    if rows.count < 30 { wrong.append("lists \(rows.count) bugs, at least 30 are promised") }
    return wrong.map { header.violation("planted", line: 1, $0) }
}

/// Rows that the page does not show as the list has them.
func untoldRows(_ page: SourceFile, header: SourceFile) -> [Violation] {
    let lines = Set(page.lines.map(String.init))
    return plantedRows(header).compactMap { row in
        let cells = "| \(row.number) | `\(row.name)` | \(row.promise) | \(row.text) |"
        guard !lines.contains(where: { $0.hasPrefix(cells) }) else { return nil }
        return page.violation("planted", line: 1, "has no row \"\(cells)\"; Tools/planted page")
    }
}
