// Fault.swift — what the proxy does to connections, and when: the values of a script's lines.

/// Way of the bytes: `up` from the client to the target.
enum Direction: String, CaseIterable, Sendable {
    case up, down, both

    func covers(_ way: Direction) -> Bool { self == .both || self == way }
}

enum Fault: Equatable, Sendable {
    // While it lasts.
    /// Bytes arrive so much later, in order.
    case delay(Direction, milliseconds: Int64)
    /// Bytes are swallowed while the connection lives.
    case lose(Direction)
    /// Bytes wait, as behind a link that is down; nothing is lost.
    case stall(Direction)
    case drip(Direction, bytesPerSecond: Int64)
    /// Both ways silent, neither end learns of the other's; ends with a reset.
    case halfOpen
    /// New connections are refused.
    case refuse
    /// New connections are accepted and never answered.
    case stallAccept
    /// New connections have a second one to the target, fed the same bytes, its answers discarded.
    case duplicate
    // At once.
    /// RST to both.
    case reset
    /// FIN to both, after what was under way.
    case hangUp
    /// So many more bytes, then FIN to both.
    case cut(Direction, after: Int64)
    /// FIN to both in the middle of the next TLS record of data.
    case cutMidRecord(Direction)

    /// The word in a script, and the counter's name.
    var word: String {
        switch self {
        case .delay: "delay"
        case .lose: "lose"
        case .stall: "stall"
        case .drip: "drip"
        case .halfOpen: "half-open"
        case .refuse: "refuse"
        case .stallAccept: "stall-accept"
        case .duplicate: "duplicate"
        case .reset: "reset"
        case .hangUp: "hang-up"
        case .cut, .cutMidRecord: "cut"
        }
    }

    /// May go on for a time, `for 3s`.
    var lasts: Bool {
        switch self {
        case .delay, .lose, .stall, .drip, .halfOpen, .refuse, .stallAccept, .duplicate: true
        case .reset, .hangUp, .cut, .cutMidRecord: false
        }
    }

    /// Decided when a connection begins, so that it means nothing to one that is under way.
    var isOnNew: Bool {
        switch self {
        case .refuse, .stallAccept, .duplicate: true
        case .delay, .lose, .stall, .drip, .halfOpen, .reset, .hangUp, .cut, .cutMidRecord: false
        }
    }
}

extension Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .delay(let way, let time): "delay \(way.rawValue) \(TimeText.text(time))"
        case .lose(let way): "lose \(way.rawValue)"
        case .stall(let way): "stall \(way.rawValue)"
        case .drip(let way, let rate): "drip \(way.rawValue) \(rate) bytes/s"
        case .cut(let way, let count): "cut \(way.rawValue) after \(count) bytes"
        case .cutMidRecord(let way): "cut \(way.rawValue) mid-record"
        case .halfOpen, .refuse, .stallAccept, .duplicate, .reset, .hangUp: word
        }
    }
}

/// Which connections a fault is for.
struct Target: Equatable, Sendable {
    /// Nil: every route.
    var route: String?
    /// The route's n-th connection since the start, from 1; nil: all of them.
    var connection: Int?
}

extension Target: CustomStringConvertible {
    var description: String { (route ?? "all") + (connection.map { "#\($0)" } ?? "") }
}

/// One line of a script.
struct FaultRule: Equatable, Sendable {
    enum Trigger: Equatable, Sendable {
        case now
        case after(milliseconds: Int64)
        case every(milliseconds: Int64)
        /// On the n-th new connection of each route it is for, from 1.
        case connection(Int)
        /// On each new connection, with the rule's chance.
        case anyConnection
    }

    var trigger: Trigger
    var target: Target
    var fault: Fault
    /// Milliseconds; nil: until the connection ends.
    var duration: Int64?
    /// Of each connection that it would meet, in a thousand.
    var perMille: UInt64 = 1_000
}

extension FaultRule: CustomStringConvertible {
    /// The line that says the same.
    var description: String {
        let percent = Double(perMille) / 10
        let chance = percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
        let isCertain = perMille == 1_000
        let when =
            switch trigger {
            case .now: isCertain ? "" : "\(chance) "
            case .after(let time): "after \(TimeText.text(time)) " + (isCertain ? "" : "\(chance) ")
            case .every(let time): "every \(TimeText.text(time)) " + (isCertain ? "" : "\(chance) ")
            case .connection(let number): "connection \(number) "
            case .anyConnection: "connection \(chance) "
            }
        let length = duration.map { " for \(TimeText.text($0))" } ?? ""
        return "\(when)\(target) \(fault)\(length)"
    }
}

/// "250ms", "2s", "1.5s": milliseconds in a script.
enum TimeText {
    /// Nil when it is none, or longer than a day.
    static func milliseconds(_ text: String) -> Int64? {
        let value: Double?
        if text.hasSuffix("ms") {
            value = Double(text.dropLast(2))
        } else if text.hasSuffix("s") {
            value = Double(text.dropLast()).map { $0 * 1_000 }
        } else {
            value = nil
        }
        guard let value, (0...86_400_000).contains(value) else { return nil }
        return Int64(value)
    }

    static func text(_ milliseconds: Int64) -> String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}
