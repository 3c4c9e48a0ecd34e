// BenchmarkReport.swift — the result of a run; its keys are part of the command line's contract.

/// One line of figures: nanoseconds of one operation.
public struct BenchmarkRow: Sendable, Codable {
    public var subject: String
    /// What one operation is, with its shape.
    public var operation: String
    public var unit = "ns"
    public var p50: Double
    public var p99: Double
    public var p999: Double
    public var max: Double
    /// Operations that were timed.
    public var count: Int
    /// Operations between two clock readings: percentiles are of means over so many.
    public var batch: Int
    /// Processor time of one operation on the measuring thread, median of rounds; nil where other
    /// threads do most of the work.
    public var cpu: Double?
    /// Mean bytes of one operation; nil where that says nothing.
    public var bytes: Int?
    /// Heap allocations of all timed operations; nil where the program does not count them.
    public var allocations: Int?
    /// The least that any implementation must do (p50 of the same run); nil where not measured.
    public var floor: Double?
    public var peers: [String: Double] = [:]
    public var ratio: [String: Double] = [:]
    /// Of the results: equal in each run with the same settings, whatever the machine.
    public var hash: String

    private enum CodingKeys: String, CodingKey {
        case subject, operation, unit, p50, p99, p999, max, count, batch, cpu, bytes, allocations
        case floor, peers, ratio, hash
    }

    /// Absent figures are written as null, so that the shape is always the same.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(subject, forKey: .subject)
        try values.encode(operation, forKey: .operation)
        try values.encode(unit, forKey: .unit)
        try values.encode(p50, forKey: .p50)
        try values.encode(p99, forKey: .p99)
        try values.encode(p999, forKey: .p999)
        try values.encode(max, forKey: .max)
        try values.encode(count, forKey: .count)
        try values.encode(batch, forKey: .batch)
        try values.encode(cpu, forKey: .cpu)
        try values.encode(bytes, forKey: .bytes)
        try values.encode(allocations, forKey: .allocations)
        try values.encode(floor, forKey: .floor)
        try values.encode(peers, forKey: .peers)
        try values.encode(ratio, forKey: .ratio)
        try values.encode(hash, forKey: .hash)
    }
}

public struct BenchmarkReport: Sendable, Codable {
    public var results: [BenchmarkRow]
    /// What the machine itself needed in the same run.
    public var calibrators: [BenchmarkRow]
    public var machine: Machine
    public var command: String
    public var seed: UInt64
    public var rounds: Int
    /// Nanoseconds taken off each clock reading pair.
    public var overhead: Double
    public var warnings: [String]
    /// Subjects that could not be measured, and why; the others are there all the same.
    public var problems: [String]
}
