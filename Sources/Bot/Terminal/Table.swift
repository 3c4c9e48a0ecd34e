// Table.swift — plain text tables: stable columns, numbers to the right.

public struct Table {
    public enum Alignment: Sendable {
        case left
        case right
    }

    private let headers: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A header that begins with `>` marks a column of numbers, set to the right.
    public init(_ headers: String...) {
        alignments = headers.map { $0.hasPrefix(">") ? .right : .left }
        self.headers = headers.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    }

    public mutating func add(_ cells: String...) {
        precondition(cells.count == headers.count, "as many cells as columns")
        rows.append(cells)
    }

    public var isEmpty: Bool { rows.isEmpty }

    /// Header and rows, two blanks between columns, no trailing blanks.
    public var lines: [String] {
        let widths = headers.indices.map { column in
            ([headers] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([headers] + rows).map { cells in
            let padded = cells.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - cells[column].count)
                return alignments[column] == .left ? cells[column] + blanks : blanks + cells[column]
            }
            return trimmed(padded.joined(separator: "  "))
        }
    }

    private func trimmed(_ line: String) -> String {
        String(line.reversed().drop(while: { $0 == " " }).reversed())
    }
}
