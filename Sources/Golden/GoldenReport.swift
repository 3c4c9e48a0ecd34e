// GoldenReport.swift — how far our numbers are from reference numbers, file by file.

/// One JSON document: every value that was compared is a case.
public struct GoldenReport: Encodable, Sendable {
    public struct File: Encodable, Sendable {
        public let file: String
        public var cases = 0
        public var matched = 0
        /// Of the cases that are numbers on both sides; parts of the reference where that is above
        /// 1.
        public var worstError = 0.0
        /// Which value, what it is and what it should be.
        public var firstMismatch: String?

        public init(_ file: String) { self.file = file }

        enum CodingKeys: String, CodingKey {
            case file, cases, matched
            case worstError = "worst_error"
            case firstMismatch = "first_mismatch"
        }
    }

    public private(set) var files: [File] = []
    public private(set) var cases = 0
    public private(set) var matched = 0
    /// Files in formats that belong to parts which do not exist yet.
    public var notYet: [String] = []

    enum CodingKeys: String, CodingKey {
        case files, cases, matched
        case notYet = "not_yet"
    }

    mutating func add(_ file: File) {
        files.append(file)
        cases += file.cases
        matched += file.matched
    }
}

extension GoldenReport.File {
    /// Compares one value; NaN equals NaN only. `tolerance` counts in full and in parts of
    /// `wanted`.
    mutating func compare(
        _ name: @autoclosure () -> String, _ ours: Double, _ wanted: Double, tolerance: Double
    ) {
        cases += 1
        let distance = abs(ours - wanted)
        if ours.isNaN && wanted.isNaN || distance <= tolerance + tolerance * abs(wanted) {
            matched += 1
        } else if firstMismatch == nil {
            firstMismatch = "\(name()): \(ours), wanted \(wanted)"
        }
        if distance.isFinite { worstError = max(worstError, distance / max(1, abs(wanted))) }
    }

    /// A column, row by row.
    mutating func compare(_ column: String, _ ours: [Double], _ wanted: [Double]) {
        for row in wanted.indices {
            compare("\(column) at row \(row)", ours[row], wanted[row], tolerance: 1e-9)
        }
    }

    /// A case that cannot even be computed.
    mutating func fail(_ reason: String) {
        cases += 1
        if firstMismatch == nil { firstMismatch = reason }
    }
}
