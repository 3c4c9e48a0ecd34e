// IndicatorGolden.swift — `ta_*`: columns of TA-Lib over the bars of a file.
import Analytics
import Foundation

struct IndicatorGolden {
    /// `_meta.json`: which function, inputs and parameters made a column.
    private struct Meta: Decodable {
        struct Column: Decodable {
            let column, function, output: String
            let inputs: [String]
            let params: [String: Double]
        }

        let columns: [Column]
    }

    private let name: String
    private let meta: Meta
    private let input, expected: CSVTable

    init(_ folder: GoldenFolder, _ set: String) throws(GoldenError) {
        name = "\(set)_expected.csv"
        input = try folder.table("\(set)_input.csv")
        expected = try folder.table(name)
        let bytes = try folder.bytes("\(set)_meta.json")
        do {
            meta = try JSONDecoder().decode(Meta.self, from: bytes)
        } catch {
            throw .unreadable("\(folder.path)/\(set)_meta.json", "\(error)")
        }
    }

    func check() -> GoldenReport.File {
        var file = GoldenReport.File(name)
        for column in meta.columns {
            do {
                try compare(column, &file)
            } catch {
                file.fail("\(column.column): \(error)")
            }
        }
        return file
    }

    private func compare(_ column: Meta.Column, _ file: inout GoldenReport.File) throws {
        let entry = try IndicatorCatalogue.entry(column.function)
        guard let line = entry.lines.firstIndex(of: column.output) else {
            return file.fail("\(column.column): \(entry.name) has no column \(column.output)")
        }
        let ours = try entry.columns(
            over: input, columns: column.inputs, settings: column.params)[line]
        let wanted = try expected.numbers(column.column)
        // Whole numbers have no NaN: TA-Lib says 0 where it says nothing yet.
        let isWhole = column.output == "integer"
        let tolerance = Self.tolerance(column.function)
        for row in wanted.indices {
            let value = isWhole && ours[row].isNaN ? 0 : ours[row]
            file.compare(
                "\(column.column) at row \(row)", value, wanted[row], tolerance: tolerance)
        }
    }

    /// Reference and ours round differently: most where near-equal numbers are subtracted, and in
    /// the Hilbert transform, which feeds back.
    private static func tolerance(_ function: String) -> Double {
        switch function {
        case _ where function.hasPrefix("HT_"): 1e-6
        case _ where function.hasPrefix("CDL"): 0
        case "STDDEV", "BBANDS", "VAR", "CORREL", "BETA", "LINEARREG_ANGLE": 1e-7
        default: 1e-9
        }
    }
}
