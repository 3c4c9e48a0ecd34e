// Faults.swift — what shall go wrong, and when: a script of one fault per line (docs/simulator.md).
//
//     order 3   drop-reply
//     order 5%  timeout
//     after 8s  freeze BTCUSDT 2s
//     every 30s cut api
import Core

package enum FaultTarget: String, Sendable {
    case market, api, all
}

package enum Fault: Equatable, Sendable {
    // On a new order. All but the first come after it was accepted.
    case loseRequest
    case dropReply
    case cutConnection
    case timeout
    case delayReply(milliseconds: Int64)
    case duplicateReports
    case reportsFirst
    // At a time.
    case gap(symbol: String)
    case freeze(symbol: String, milliseconds: Int64)
    case close(FaultTarget, code: UInt16)
    case shutdownNotice
    /// What is wrong with the whole venue.
    case venue(VenueTrouble)

    fileprivate var isOnOrder: Bool {
        switch self {
        case .loseRequest, .dropReply, .cutConnection, .timeout, .delayReply, .duplicateReports,
            .reportsFirst:
            true
        case .gap, .freeze, .close, .shutdownNotice, .venue: false
        }
    }
}

package enum VenueTrouble: Equatable, Sendable {
    /// The venue's clock steps; repeated, it drifts.
    case clock(milliseconds: Int64)
    /// Something before the venue answers every HTTP request; 200: with nothing.
    case gateway(status: Int, milliseconds: Int64)
    /// No new WebSocket connections.
    case refuse(milliseconds: Int64)
    /// Every connection is closed with 1012, new ones are refused, HTTP says 503.
    case maintenance(milliseconds: Int64)
    case status(symbol: String, InstrumentStatus, milliseconds: Int64)
    /// The price step becomes ten times as large.
    case coarsen(symbol: String)
}

package struct FaultRule: Equatable, Sendable {
    package enum Trigger: Equatable, Sendable {
        /// The n-th request for a new order, from 1.
        case order(Int)
        /// Each request for a new order, with this chance in a thousand.
        case chance(perMille: UInt64)
        case after(milliseconds: Int64)
        case every(milliseconds: Int64)
    }

    package let trigger: Trigger
    package let fault: Fault

    package init(_ trigger: Trigger, _ fault: Fault) {
        self.trigger = trigger
        self.fault = fault
    }
}

/// The rules of one run and how far they have come.
package struct FaultPlan: Sendable {
    private var rules: [FaultRule] = []
    private var orders = 0
    /// Next time of each timed rule, milliseconds since the start; nil when it is over.
    private var nextTimes: [Int64?] = []

    package init(_ rules: [FaultRule] = []) { rules.forEach { add($0) } }

    /// Adds a rule whose times and order numbers count from `elapsed` milliseconds on.
    package mutating func add(_ rule: FaultRule, elapsed: Int64 = 0) {
        switch rule.trigger {
        case .after(let time), .every(let time): nextTimes.append(elapsed + time)
        case .order, .chance: nextTimes.append(nil)
        }
        if case .order(let number) = rule.trigger {
            rules.append(FaultRule(.order(orders + number), rule.fault))
        } else {
            rules.append(rule)
        }
    }

    /// Faults of the new order that has just been asked for.
    mutating func onOrder(_ random: inout Random) -> [Fault] {
        orders += 1
        return rules.compactMap { rule in
            switch rule.trigger {
            case .order(let number): number == orders ? rule.fault : nil
            case .chance(let perMille): random.below(1_000) < perMille ? rule.fault : nil
            case .after, .every: nil
            }
        }
    }

    mutating func due(_ elapsed: Int64) -> [Fault] {
        var due: [Fault] = []
        for index in rules.indices {
            guard let time = nextTimes[index], time <= elapsed else { continue }
            due.append(rules[index].fault)
            if case .every(let interval) = rules[index].trigger {
                nextTimes[index] = elapsed - elapsed % interval + interval
            } else {
                nextTimes[index] = nil
            }
        }
        return due
    }

    // MARK: Script

    /// Reads a script; all its errors come in one, each with its line.
    package static func parse(_ text: String, name: String) throws(SimulatorError) -> FaultPlan {
        FaultPlan(try rules(text, name: name))
    }

    package static func rules(_ text: String, name: String) throws(SimulatorError) -> [FaultRule] {
        var rules: [FaultRule] = []
        var problems: [String] = []
        for (number, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(
                String.init)
            guard !words.isEmpty else { continue }
            do {
                rules.append(try rule(words))
            } catch {
                problems.append("\(name), line \(number + 1): \(error.description)")
            }
        }
        guard problems.isEmpty else { throw SimulatorError(problems.joined(separator: "\n")) }
        return rules
    }

    private static func rule(_ words: [String]) throws(SimulatorError) -> FaultRule {
        guard words.count >= 3 else {
            throw SimulatorError("needs a trigger, its number and a fault")
        }
        let trigger = try trigger(words[0], words[1])
        let fault = try fault(Array(words.dropFirst(2)))
        let isOnOrder =
            switch trigger {
            case .order, .chance: true
            case .after, .every: false
            }
        guard fault.isOnOrder == isOnOrder else {
            throw SimulatorError("\(words[2]) does not go with \(words[0])")
        }
        return FaultRule(trigger, fault)
    }

    private static func trigger(
        _ word: String, _ number: String
    ) throws(SimulatorError) -> FaultRule.Trigger {
        switch word {
        case "order":
            if number.hasSuffix("%"), let percent = Double(number.dropLast()),
                (0...100).contains(percent)
            {
                return .chance(perMille: UInt64(percent * 10))
            }
            guard let value = Int(number), value > 0 else {
                throw SimulatorError("\"\(number)\" is neither an order's number nor a percentage")
            }
            return .order(value)
        case "after": return .after(milliseconds: try duration(number))
        case "every":
            let interval = try duration(number)
            guard interval > 0 else { throw SimulatorError("an interval must be positive") }
            return .every(milliseconds: interval)
        default: throw SimulatorError("\"\(word)\" is none of order, after, every")
        }
    }

    private static func fault(_ words: [String]) throws(SimulatorError) -> Fault {
        switch (words[0], words.count) {
        case ("lose-request", 1): return .loseRequest
        case ("drop-reply", 1): return .dropReply
        case ("cut-connection", 1): return .cutConnection
        case ("timeout", 1): return .timeout
        case ("delay-reply", 2): return .delayReply(milliseconds: try duration(words[1]))
        case ("duplicate-reports", 1): return .duplicateReports
        case ("reports-first", 1): return .reportsFirst
        case ("gap", 2): return .gap(symbol: words[1])
        case ("freeze", 3): return .freeze(symbol: words[1], milliseconds: try duration(words[2]))
        case ("cut", 2): return .close(try target(words[1]), code: 0)
        case ("close", 3):
            guard let code = UInt16(words[2]), (1_000...4_999).contains(code) else {
                throw SimulatorError("\"\(words[2])\" is no close code")
            }
            return .close(try target(words[1]), code: code)
        case ("shutdown-notice", 1): return .shutdownNotice
        default: return .venue(try trouble(words))
        }
    }

    private static func trouble(_ words: [String]) throws(SimulatorError) -> VenueTrouble {
        switch (words[0], words.count) {
        case ("clock", 2): return .clock(milliseconds: try step(words[1]))
        case ("http", 3):
            guard let status = Int(words[1]), status == 200 || (400...599).contains(status) else {
                throw SimulatorError("\"\(words[1])\" is no status that a gateway gives")
            }
            return .gateway(status: status, milliseconds: try duration(words[2]))
        case ("refuse", 2): return .refuse(milliseconds: try duration(words[1]))
        case ("maintenance", 2): return .maintenance(milliseconds: try duration(words[1]))
        case ("status", 4):
            guard let status = InstrumentStatus(rawValue: words[2]) else {
                throw SimulatorError("\"\(words[2])\" is no status of an instrument")
            }
            return .status(
                symbol: words[1], status, milliseconds: try duration(words[3]))
        case ("coarsen", 2): return .coarsen(symbol: words[1])
        default:
            throw SimulatorError(
                "\"\(words.joined(separator: " "))\" is no fault with its arguments")
        }
    }

    /// A duration with its sign: "+1500ms", "-2s".
    private static func step(_ text: String) throws(SimulatorError) -> Int64 {
        switch text.first {
        case "+": return try duration(String(text.dropFirst()))
        case "-": return -(try duration(String(text.dropFirst())))
        default: throw SimulatorError("\"\(text)\" is no step such as +1500ms or -2s")
        }
    }

    private static func target(_ word: String) throws(SimulatorError) -> FaultTarget {
        guard let target = FaultTarget(rawValue: word) else {
            throw SimulatorError("\"\(word)\" is none of market, api, all")
        }
        return target
    }

    /// "250ms" or "2s", in milliseconds.
    private static func duration(_ text: String) throws(SimulatorError) -> Int64 {
        if text.hasSuffix("ms"), let value = Int64(text.dropLast(2)), value >= 0 { return value }
        if text.hasSuffix("s"), let value = Double(text.dropLast()), (0...1e6).contains(value) {
            return Int64(value * 1_000)
        }
        throw SimulatorError("\"\(text)\" is no duration such as 250ms or 2s")
    }
}
