// IndicatorEntry+Table.swift — an indicator over the columns of a table.

extension IndicatorEntry {
    /// All lines over the table's rows, NaN where there is no value yet. Rows before all columns
    /// that are read have values are left out, so the warm-up begins after them; a hole later is
    /// an error, since what follows it would be wrong.
    /// - Parameter columns: replaces the columns that are read, in the order of `inputs`.
    public func columns(
        over table: CSVTable, columns: [String]? = nil, settings: [String: Double] = [:]
    ) throws -> [[Double]] {
        let names = columns ?? inputs.map(\.rawValue)
        guard names.count == inputs.count else {
            throw IndicatorError.columnCount(of: name, wanted: inputs.count, given: names.count)
        }
        var bars = [Bar](
            repeating: Bar(open: 0, high: 0, low: 0, close: 0, volume: 0), count: table.rows.count)
        var begins = 0
        for (field, column) in zip(inputs, names) {
            let numbers = try table.numbers(column)
            begins = max(begins, numbers.firstIndex { !$0.isNaN } ?? numbers.count)
            for (row, number) in numbers.enumerated() { bars[row][field] = number }
        }
        try check(bars[begins...], columns: names)
        let lines = try self.columns(over: Array(bars[begins...]), settings: settings)
        return lines.map { [Double](repeating: .nan, count: begins) + $0 }
    }

    private func check(_ bars: ArraySlice<Bar>, columns: [String]) throws(CSVError) {
        for row in bars.indices {
            for (field, column) in zip(inputs, columns) where bars[row][field].isNaN {
                throw .gap(line: row + 2, column: column)
            }
        }
    }
}
