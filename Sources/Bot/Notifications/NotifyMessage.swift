// NotifyMessage.swift — one thing that a person is told, and several of them in one.

struct NotifyMessage: Sendable, Equatable {
    enum Kind: String, Sendable {
        case halt
        case reducing
        case resumed
        case fill
        case unknown
        case stale
        case summary

        /// Told before others and never dropped for want of room.
        var isUrgent: Bool { self != .fill }

        /// For "and 12 more (11 fills, 1 halt)".
        func counted(_ count: Int) -> String {
            let name =
                switch self {
                case .halt: count == 1 ? "halt" : "halts"
                case .reducing: count == 1 ? "reduction" : "reductions"
                case .resumed: count == 1 ? "resumption" : "resumptions"
                case .fill: count == 1 ? "fill" : "fills"
                case .unknown: count == 1 ? "unknown order" : "unknown orders"
                case .stale: count == 1 ? "word on market data" : "words on market data"
                case .summary: count == 1 ? "summary" : "summaries"
                }
            return "\(count) \(name)"
        }
    }

    /// Of this start; a message that arrives twice has the same.
    var number: UInt64
    var kind: Kind
    /// UTC nanoseconds.
    var time: Int64
    var symbol: String?
    var text: String
    /// How many things it tells.
    var count = 1
}

/// Messages that wait, bounded; urgent ones first.
struct NotifyQueue {
    let capacity: Int
    private(set) var waiting: [NotifyMessage] = []
    private(set) var dropped: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    mutating func add(_ message: NotifyMessage) {
        if waiting.count >= capacity {
            // The oldest that can be missed goes, else the oldest of all.
            waiting.remove(at: waiting.firstIndex { !$0.kind.isUrgent } ?? 0)
            dropped += 1
        }
        let place =
            message.kind.isUrgent
            ? waiting.firstIndex { !$0.kind.isUrgent } ?? waiting.count
            : waiting.count
        waiting.insert(message, at: place)
    }

    /// The next to send. `sparing`: all that wait in one, since no more may be sent for a while.
    mutating func next(sparing: Bool) -> NotifyMessage? {
        guard let first = waiting.first else { return nil }
        guard sparing, waiting.count > 1 else {
            waiting.removeFirst()
            return first
        }
        defer { waiting = [] }
        return NotifyQueue.sum(waiting)
    }

    /// So many urgent ones are told in full.
    private static let told = 5

    /// Full texts of the first or of the urgent ones, and a count of the others.
    static func sum(_ messages: [NotifyMessage]) -> NotifyMessage? {
        guard var out = messages.first else { return nil }
        let full = messages.prefix(max(1, min(told, messages.count { $0.kind.isUrgent })))
        let rest = messages.dropFirst(full.count)
        var text = full.map(\.text).joined(separator: "\n")
        if !rest.isEmpty {
            var counts: [NotifyMessage.Kind: Int] = [:]
            for message in rest { counts[message.kind, default: 0] += message.count }
            let names = counts.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { $0.key.counted($0.value) }
            let more = rest.reduce(0) { $0 + $1.count }
            text += "\nand \(more) more (\(names.joined(separator: ", ")))"
        }
        out.text = text
        out.count = messages.reduce(0) { $0 + $1.count }
        if messages.contains(where: { $0.kind != out.kind }) { out.kind = .summary }
        return out
    }
}

/// So many a minute on average, a few at once.
struct TokenBucket {
    private let capacity: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var last: Int64

    init(perMinute: Int64, now: Int64) {
        capacity = Double(min(5, perMinute))
        perNanosecond = Double(perMinute) / 60e9
        tokens = capacity
        last = now
    }

    /// Whole tokens there are now.
    mutating func available(_ now: Int64) -> Int {
        tokens = min(capacity, tokens + Double(max(0, now - last)) * perNanosecond)
        last = now
        return Int(tokens)
    }

    mutating func take() { tokens -= 1 }
}
