// JournalVerification.swift — `needletail journal verify`: checksums, chain and sequence of every
// record, to the last byte.
import Core

public struct JournalVerification: Encodable, Sendable {
    public var path: String
    /// No damage; a torn tail is none, the next start cuts it off.
    public var isWhole: Bool
    public var records: UInt64
    public var lastSequence: UInt64
    public var lastEpoch: UInt32
    /// The last record is a clean end.
    public var isCleanlyStopped: Bool
    /// Hash over all records: two copies of a journal are equal when this is.
    public var chain: String
    public var tornBytes: UInt64
    /// Records that only the ring has yet.
    public var fromRing: UInt64
    /// Behind the last record on disk.
    public var end: JournalPlace?
    public var damage: JournalPlace?
    public var problem: String?

    /// Reads everything and changes nothing; a bot may write meanwhile.
    public static func of(_ directory: String) throws(JournalError) -> JournalVerification {
        try JournalError.look(directory)
        let found = JournalReader.read(directory) { _ in }
        if let problem = found.problem, problem.code != .corrupt { throw JournalError(problem) }
        return JournalVerification(
            path: directory, isWhole: found.problem == nil, records: found.records,
            lastSequence: found.lastSequence, lastEpoch: found.lastEpoch,
            isCleanlyStopped: found.isCleanlyStopped, chain: found.chain,
            tornBytes: found.tornBytes,
            fromRing: found.fromRing, end: found.end, damage: found.damage,
            problem: found.problem?.text)
    }
}
