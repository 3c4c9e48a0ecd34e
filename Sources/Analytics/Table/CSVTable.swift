// CSVTable.swift — columns of numbers in a CSV file, with errors that name line and column.

/// A CSV text with a header line, held as texts; numbers are read a column at a time.
public struct CSVTable: Sendable {
    public let header: [String]
    /// Cells of each row, as many as the header has.
    public let rows: [[Substring]]

    /// - Parameter text: lines end with LF or CR LF; fields may stand in double quotes.
    public init(_ text: String) throws(CSVError) {
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }[...]
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard let first = lines.popFirst() else { throw .empty }
        let header = try CSVTable.cells(first, line: 1).map {
            String($0).trimmed.replacing("\u{feff}", with: "")
        }
        var rows: [[Substring]] = []
        rows.reserveCapacity(lines.count)
        for (place, line) in lines.enumerated() {
            let cells = try CSVTable.cells(line, line: place + 2)
            guard cells.count == header.count else {
                throw .width(line: place + 2, cells: cells.count, wanted: header.count)
            }
            rows.append(cells)
        }
        (self.header, self.rows) = (header, rows)
    }

    /// Where the column is, whatever the case of its name.
    public func place(of column: String) throws(CSVError) -> Int {
        let wanted = column.lowercased()
        guard let place = header.firstIndex(where: { $0.lowercased() == wanted }) else {
            throw .noColumn(column, header: header)
        }
        return place
    }

    /// The column's numbers; an empty cell, "nan" and "null" are NaN.
    public func numbers(_ column: String) throws(CSVError) -> [Double] {
        let place = try place(of: column)
        var numbers: [Double] = []
        numbers.reserveCapacity(rows.count)
        for (row, cells) in rows.enumerated() {
            let text = String(cells[place]).trimmed
            if ["", "nan", "null"].contains(text.lowercased()) {
                numbers.append(.nan)
            } else if let number = Double(text), number.isFinite {
                numbers.append(number)
            } else {
                throw .notANumber(line: row + 2, column: column, text: text)
            }
        }
        return numbers
    }

    private static func cells(_ line: Substring, line number: Int) throws(CSVError) -> [Substring] {
        guard line.contains("\"") else {
            return line.split(separator: ",", omittingEmptySubsequences: false)
        }
        var cells: [Substring] = []
        var cell = Substring()
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                cells.append(cell)
                cell = Substring()
            } else {
                cell.append(character)
            }
        }
        guard !isQuoted else { throw .openQuote(line: number) }
        return cells + [cell]
    }
}

/// What is wrong with a CSV file, and where.
public enum CSVError: Error, Equatable, CustomStringConvertible {
    case empty
    case width(line: Int, cells: Int, wanted: Int)
    case openQuote(line: Int)
    case noColumn(String, header: [String])
    case notANumber(line: Int, column: String, text: String)
    case gap(line: Int, column: String)

    public var description: String {
        switch self {
        case .empty: "the file is empty: it wants a header line and rows"
        case .width(let line, let cells, let wanted):
            "line \(line) has \(cells) cells, the header \(wanted)"
        case .openQuote(let line): "line \(line): a quote is not closed"
        case .noColumn(let name, let header):
            "no column \(name); there are \(header.joined(separator: ", "))"
        case .notANumber(let line, let column, let text):
            "line \(line), column \(column): \"\(text)\" is not a number"
        case .gap(let line, let column):
            "line \(line), column \(column) is empty after values began; fill or cut the gap"
        }
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
