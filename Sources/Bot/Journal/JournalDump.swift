// JournalDump.swift — `needletail journal dump`: records as lines for people, or as JSON.
import Core

/// One record as it is shown.
public struct JournalLine: Encodable, Sendable {
    public var sequence: UInt64
    public var time: String
    public var epoch: UInt32
    /// Lane sequence of the event that caused it.
    public var event: UInt64
    public var kind: String
    /// What it says, by name.
    public var says: [String: String]
    /// The same in reading order.
    public let text: String

    private enum CodingKeys: CodingKey {
        case sequence, time, epoch, event, kind, says
    }
}

/// Which records are wanted.
public struct JournalDump: Sendable {
    /// Sequences, both included.
    public var from: UInt64 = 0
    public var to: UInt64 = .max
    /// Nil: every kind.
    public var kind: String?

    public init() {}

    public static var kinds: [String] { JournalRecord.kindNames }

    /// Shows the wanted records in their order. Damage throws after what lies before it was shown.
    public func run(
        _ directory: String, _ show: @escaping (JournalLine) -> Void
    ) throws(JournalError) {
        try JournalError.look(directory)
        let table = InstrumentTable()
        let found = JournalReader.read(directory) { record throws(CoreError) in
            try table.take(record)
            guard record.sequence >= from, record.sequence <= to, kind ?? record.kind == record.kind
            else { return }
            show(try line(record, table.instruments))
        }
        if let problem = found.problem { throw JournalError(problem) }
    }

    private func line(
        _ record: JournalRecord, _ instruments: [Instrument]
    ) throws(CoreError) -> JournalLine {
        let fields = try record.fields(instruments)
        let time = Times.text(record.time)
        let words = fields.map { field in
            field.value.contains(" ")
                ? "\(field.name)=\"\(field.value)\"" : "\(field.name)=\(field.value)"
        }
        let head = "\(record.sequence) \(time) \(record.epoch) \(record.kind)"
        return JournalLine(
            sequence: record.sequence, time: time, epoch: record.epoch, event: record.event,
            kind: record.kind,
            says: Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first },
            text: ([head] + words).joined(separator: " "))
    }
}
