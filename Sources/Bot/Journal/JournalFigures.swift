// JournalFigures.swift — `needletail journal stat`: how much of what a journal holds.
import Core
import Foundation

public struct JournalFigures: Encodable, Sendable {
    public struct Kind: Encodable, Sendable {
        public var kind: String
        public var records: Int
        public var bytes: Int
    }

    public struct Segment: Encodable, Sendable {
        public var file: String
        public var bytes: Int
    }

    public var path: String
    public var records: UInt64
    public var firstSequence: UInt64?
    public var lastSequence: UInt64?
    public var firstEpoch: UInt32?
    public var lastEpoch: UInt32?
    public var firstTime: String?
    public var lastTime: String?
    /// Of the records, headers included.
    public var recordBytes: Int
    public var segments: [Segment]
    public var kinds: [Kind]
    /// Where counting ended before the journal's end.
    public var problem: String?

    /// Reads everything and changes nothing; a bot may write meanwhile.
    public static func of(_ directory: String) throws(JournalError) -> JournalFigures {
        try JournalError.look(directory)
        let counter = Counter()
        let found = JournalReader.read(directory) { counter.count($0) }
        if let problem = found.problem, problem.code != .corrupt { throw JournalError(problem) }
        let kinds = counter.kinds.values.sorted { ($1.records, $0.kind) < ($0.records, $1.kind) }
        return JournalFigures(
            path: directory, records: found.records, firstSequence: counter.first?.sequence,
            lastSequence: counter.last?.sequence, firstEpoch: counter.first?.epoch,
            lastEpoch: counter.last?.epoch,
            firstTime: counter.first.map { Times.text($0.time) },
            lastTime: counter.last.map { Times.text($0.time) },
            recordBytes: kinds.reduce(0) { $0 + $1.bytes },
            segments: segments(directory), kinds: kinds, problem: found.problem?.text)
    }

    private static func segments(_ directory: String) -> [Segment] {
        JournalFiles.segments(directory).map { name in
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: "\(directory)/\(name)")
            return Segment(file: name, bytes: attributes?[.size] as? Int ?? 0)
        }
    }

    private final class Counter {
        typealias Mark = (sequence: UInt64, epoch: UInt32, time: Int64)
        var kinds: [String: Kind] = [:]
        var first: Mark?
        var last: Mark?

        func count(_ record: JournalRecord) {
            let mark = (record.sequence, record.epoch, record.time)
            first = first ?? mark
            last = mark
            let kind = record.kind
            kinds[kind, default: Kind(kind: kind, records: 0, bytes: 0)].records += 1
            kinds[kind, default: Kind(kind: kind, records: 0, bytes: 0)].bytes += record.bytes
        }
    }
}
