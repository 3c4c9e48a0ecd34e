// IndicatorCommand.swift — `needletail indicator`: one indicator over a CSV.
import Analytics
import ArgumentParser
import Bot
import Foundation

struct IndicatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicator",
        abstract: "One indicator over the columns of a CSV; `indicator list` names them all.",
        discussion: """
            The CSV has a header line with open, high, low, close and volume, as far as they are
            read. The result is a CSV in full precision with a row for each row; an empty cell is
            not defined yet. Names, parameters and columns are TA-Lib's where it has the indicator.
            Exit codes: 0 ok, 2 unknown name or parameter, or a file that cannot be used.
            Examples:
              needletail indicator list
              needletail indicator RSI --input bars.csv --params timeperiod=14
              needletail indicator BETA --input bars.csv --columns high,low
            """)

    @Argument(help: "The indicator's name in any case, or list.")
    var name: String
    @Option(help: "The CSV file; - is standard input.", completion: .file())
    var input: String?
    @Option(parsing: .upToNextOption, help: "Parameters as name=value.")
    var params: [String] = []
    @Option(help: "Columns to read in place of the usual ones, with commas between.")
    var columns: String?
    @OptionGroup var common: CommonOptions

    private var isList: Bool { name.lowercased() == "list" }

    func validate() throws {
        if !isList, input == nil { throw ValidationError("--input names the CSV to read.") }
        if isList, input != nil { throw ValidationError("`indicator list` reads no file.") }
    }

    func run() throws {
        if isList { return try list() }
        let entry: IndicatorEntry
        let lines: [[Double]]
        do {
            entry = try IndicatorCatalogue.entry(name)
            lines = try entry.columns(
                over: CSVTable(read()), columns: columns.map(Self.names), settings: settings())
        } catch let error as IndicatorError {
            var hint = ""
            if case .unknownIndicator = error { hint = "; `needletail indicator list` names all" }
            throw CommandFailure(2, error.description + hint, isJSON: common.json)
        } catch let error as CSVError {
            throw CommandFailure(2, "\(input ?? ""): \(error)", isJSON: common.json)
        }
        try show(entry, lines)
    }

    private static func names(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0) }
    }

    private func read() throws -> String {
        do {
            let data =
                try input == "-"
                ? FileHandle.standardInput.readToEnd() ?? Data()
                : Data(contentsOf: URL(fileURLWithPath: input ?? ""))
            return String(decoding: data, as: UTF8.self)
        } catch {
            let reason = "\(input ?? "") cannot be read: \(error.localizedDescription)"
            throw CommandFailure(2, reason, isJSON: common.json)
        }
    }

    private func settings() throws -> [String: Double] {
        var settings: [String: Double] = [:]
        for text in params {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
                let wanted = "--params wants name=number, not \"\(text)\""
                throw CommandFailure(2, wanted, isJSON: common.json)
            }
            settings[parts[0].lowercased()] = value
        }
        return settings
    }

    private func show(_ entry: IndicatorEntry, _ lines: [[Double]]) throws {
        if common.json {
            let columns = zip(entry.lines, lines).map { name, values in
                (name, values.map { $0.isNaN ? nil : Optional($0) })
            }
            return try Output.json(
                Document(name: entry.name, columns: Dictionary(uniqueKeysWithValues: columns)))
        }
        var rows = [entry.lines.joined(separator: ",")]
        for row in lines[0].indices {
            rows.append(lines.map { $0[row].isNaN ? "" : "\($0[row])" }.joined(separator: ","))
        }
        Output.lines(rows)
    }

    private struct Document: Encodable {
        let name: String
        let columns: [String: [Double?]]
    }

    private struct Listed: Encodable {
        struct Parameter: Encodable {
            let name: String
            let standard: Double
            let allowed: String
        }

        let name, title, group: String
        let parameters: [Parameter]
        let inputs, columns: [String]
        let warmUp: Int
        let source: String
    }

    private func list() throws {
        let listed = try IndicatorCatalogue.all.map { entry in
            Listed(
                name: entry.name, title: entry.title, group: entry.group.rawValue,
                parameters: entry.parameters.map {
                    Listed.Parameter(name: $0.name, standard: $0.standard, allowed: $0.wanted)
                },
                inputs: entry.inputs.map(\.rawValue), columns: entry.lines,
                warmUp: try entry.indicator().lookback, source: entry.source)
        }.sorted { $0.name < $1.name }
        if common.json { return try Output.json(listed) }
        var table = Table("name", "group", "parameters", ">warm-up", "columns", "reads")
        for entry in listed {
            let parameters = entry.parameters.map { "\($0.name)=\(Self.short($0.standard))" }
            table.add(
                entry.name, entry.group, parameters.joined(separator: " "), String(entry.warmUp),
                entry.columns.joined(separator: " "), entry.inputs.joined(separator: " "))
        }
        Output.lines(table.lines)
    }

    private static func short(_ value: Double) -> String {
        Int(exactly: value).map { String($0) } ?? "\(value)"
    }
}
