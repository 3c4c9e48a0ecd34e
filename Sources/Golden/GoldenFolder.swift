// GoldenFolder.swift — the files of a folder, plain or compressed, sent to who can check them.
import Analytics
import Foundation

/// A folder with reference numbers. Which file is which is told by its name.
public struct GoldenFolder {
    /// Formats of parts that do not exist yet, by the beginning of the name.
    private static let later = [
        "pf_", "cal_", "mdl_", "sent_", "risk_rules", "lb_",
    ]

    let path: String
    private let names: [String]

    public init(_ path: String) throws(GoldenError) {
        self.path = path
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw .unreadable(path, error.localizedDescription)
        }
    }

    public func check() throws(GoldenError) -> GoldenReport {
        var report = GoldenReport()
        for set in sets(beginning: "ta_", ending: "_meta.json") {
            report.add(try IndicatorGolden(self, set).check())
        }
        for set in sets(beginning: "lb_", ending: "_expected.json") {
            for file in try LabelGolden(self, set).check() { report.add(file) }
        }
        let metrics = MetricGolden(folder: self)
        for set in sets(beginning: "mt_", ending: "_returns.csv") {
            report.add(try metrics.returns(set))
        }
        for set in sets(beginning: "mt_", ending: "_trades.csv") {
            report.add(try metrics.trades(set))
        }
        for set in sets(beginning: "dsr_pbo", ending: ".json") {
            report.add(try metrics.overfit(set + ".json"))
        }
        report.notYet = names.filter { name in
            Self.later.contains { name.hasPrefix($0) }
        }
        return report
    }

    private func sets(beginning: String, ending: String) -> [String] {
        names.map { $0.hasSuffix(".gz") ? String($0.dropLast(3)) : $0 }
            .filter { $0.hasPrefix(beginning) && $0.hasSuffix(ending) }
            .map { String($0.dropLast(ending.count)) }
    }

    /// The file's bytes, unpacked where only `name`.gz is there.
    func bytes(_ name: String) throws(GoldenError) -> Data {
        let file = "\(path)/\(name)"
        do {
            if FileManager.default.fileExists(atPath: file) {
                return try Data(contentsOf: URL(fileURLWithPath: file))
            }
            return try Self.unpacked(file + ".gz")
        } catch let error as GoldenError {
            throw error
        } catch {
            throw .unreadable(file, error.localizedDescription)
        }
    }

    func table(_ name: String) throws(GoldenError) -> CSVTable {
        let text = String(decoding: try bytes(name), as: UTF8.self)
        do throws(CSVError) {
            return try CSVTable(text)
        } catch {
            throw .unreadable("\(path)/\(name)", "\(error)")
        }
    }

    /// A JSON object; its numbers are Double.
    func json(_ name: String) throws(GoldenError) -> [String: Any] {
        let bytes = try bytes(name)
        guard let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
            throw .unreadable("\(path)/\(name)", "it is no JSON object")
        }
        return object
    }

    /// A column of `table`; `set` names the file in an error.
    func numbers(
        _ table: CSVTable, _ column: String, _ set: String
    ) throws(GoldenError) -> [Double] {
        do throws(CSVError) {
            return try table.numbers(column)
        } catch {
            throw .unreadable("\(path)/\(set)", "\(error)")
        }
    }

    private static func unpacked(_ path: String) throws -> Data {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", "--", path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw GoldenError.unreadable(path, "it is not there, or no gzip file")
        }
        return data
    }
}

public enum GoldenError: Error, CustomStringConvertible {
    case unreadable(String, String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): \(reason)"
        }
    }
}
