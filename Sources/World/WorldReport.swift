// WorldReport.swift — what one life of the seeded world came to.

/// Counts of one seed, or of many together.
public struct WorldReport: Sendable, Codable, Equatable {
    public var seeds = 1
    /// Market events that the venue made.
    public var events = 0
    /// Orders and cancels that the strategy wished for.
    public var intents = 0
    public var orders = 0
    public var fills = 0
    /// Faults that were turned on, by name.
    public var faults: [String: Int] = [:]
    /// Orders that became UNKNOWN, and how each stopped being so.
    public var unknown = Unknown()
    public var restarts = 0
    /// Simulated seconds.
    public var seconds = 0.0
    /// What must never be. Empty, or a defect.
    public var violations: [String] = []
    /// Over the lane's state, the venue's and every notice: equal for equal seeds.
    public var hash: UInt64 = 0

    public struct Unknown: Sendable, Codable, Equatable {
        public var made = 0
        public var byEvidence = 0
        public var byAbsence = 0
        public var byOperator = 0
    }

    public init() {}

    /// Both together; hashes are mixed in order.
    public mutating func add(_ other: WorldReport) {
        seeds += other.seeds
        events += other.events
        intents += other.intents
        orders += other.orders
        fills += other.fills
        faults.merge(other.faults) { $0 + $1 }
        unknown.made += other.unknown.made
        unknown.byEvidence += other.unknown.byEvidence
        unknown.byAbsence += other.unknown.byAbsence
        unknown.byOperator += other.unknown.byOperator
        restarts += other.restarts
        seconds += other.seconds
        violations += other.violations
        hash = hash &* 0x100_0000_01b3 ^ other.hash
    }
}
