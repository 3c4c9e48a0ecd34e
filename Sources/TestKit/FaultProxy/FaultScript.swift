// FaultScript.swift — reads a script: one fault a line, `#` begins a comment (docs/faults.md).
//
//     after 2s         market    delay up 200ms for 3s
//     every 10s 25%    all       reset
//     connection 3     orders    cut down after 1234 bytes
//     market#2 stall both for 1s                              (now; on the control input)

/// What is wrong with a script or an argument, one line each.
struct FaultProxyError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

struct FaultScript {
    private let routes: [String]
    /// Lines may begin with the target and happen at once.
    private let takesNow: Bool

    /// `routes`: the names that targets may use.
    init(routes: [String], takesNow: Bool = false) {
        self.routes = routes
        self.takesNow = takesNow
    }

    /// All mistakes come in one error, each with its line.
    func rules(_ text: String, name: String) throws(FaultProxyError) -> [FaultRule] {
        var rules: [FaultRule] = []
        var problems: [String] = []
        for (number, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            do {
                if let rule = try rule(String(line)) { rules.append(rule) }
            } catch {
                problems.append("\(name), line \(number + 1): \(error)")
            }
        }
        guard problems.isEmpty else {
            throw FaultProxyError(problems.joined(separator: "\n"))
        }
        return rules
    }

    /// Nil when the line says nothing.
    func rule(_ line: String) throws(FaultProxyError) -> FaultRule? {
        // A comment's `#` stands at a word's beginning; `market#2` is a target.
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            .prefix { !$0.hasPrefix("#") }
        guard !words.isEmpty else { return nil }
        var rest = Words(Array(words))
        let (trigger, perMille) = try trigger(&rest)
        let target = try target(rest.next("a route's name or all"))
        let fault = try fault(&rest)
        let duration = try rest.take("for") ? rest.duration() : nil
        if let extra = rest.peek { throw FaultProxyError("\"\(extra)\" is one word too many") }
        let rule = FaultRule(
            trigger: trigger, target: target, fault: fault, duration: duration, perMille: perMille)
        try check(rule)
        return rule
    }

    // MARK: Parts of a line

    private func trigger(
        _ words: inout Words
    ) throws(FaultProxyError) -> (FaultRule.Trigger, UInt64) {
        if words.take("after") {
            let time = try words.duration()
            return (.after(milliseconds: time), try words.chance() ?? 1_000)
        }
        if words.take("every") {
            let time = try words.duration()
            guard time > 0 else { throw FaultProxyError("an interval must be positive") }
            return (.every(milliseconds: time), try words.chance() ?? 1_000)
        }
        if words.take("connection") {
            if let chance = try words.chance() { return (.anyConnection, chance) }
            let number = try words.next("a connection's number or a percentage")
            guard let value = Int(number), value > 0 else {
                throw FaultProxyError(
                    "\"\(number)\" is neither a connection's number nor a percentage")
            }
            return (.connection(value), 1_000)
        }
        guard takesNow else {
            throw FaultProxyError("\"\(words.peek ?? "")\" is none of after, every, connection")
        }
        return (.now, try words.chance() ?? 1_000)
    }

    private func target(_ word: String) throws(FaultProxyError) -> Target {
        let parts = word.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        let name = parts[0]
        guard name == "all" || routes.contains(name) else {
            throw FaultProxyError(
                "there is no route \"\(name)\"; there is: \(routes.joined(separator: ", ")), all")
        }
        var target = Target(route: name == "all" ? nil : name)
        if parts.count > 1 {
            guard parts.count == 2, target.route != nil, let number = Int(parts[1]), number > 0
            else { throw FaultProxyError("\"\(word)\" is no connection such as market#2") }
            target.connection = number
        }
        return target
    }

    private func fault(_ words: inout Words) throws(FaultProxyError) -> Fault {
        let word = try words.next("a fault")
        switch word {
        case "delay": return .delay(words.direction(), milliseconds: try words.duration())
        case "lose": return .lose(words.direction())
        case "stall": return .stall(words.direction())
        case "drip":
            let way = words.direction()
            let rate = try words.count("bytes/s")
            guard rate > 0 else { throw FaultProxyError("a drip needs a rate; see stall") }
            return .drip(way, bytesPerSecond: rate)
        case "cut":
            let way = words.direction()
            if words.take("mid-record") { return .cutMidRecord(way) }
            guard words.take("after") else {
                throw FaultProxyError("cut needs \"after N bytes\" or \"mid-record\"")
            }
            return .cut(way, after: try words.count("bytes"))
        case "half-open": return .halfOpen
        case "refuse": return .refuse
        case "stall-accept": return .stallAccept
        case "duplicate": return .duplicate
        case "reset": return .reset
        case "hang-up": return .hangUp
        default:
            throw FaultProxyError(
                "\"\(word)\" is none of delay, lose, stall, drip, half-open, cut, reset, hang-up, "
                    + "refuse, stall-accept, duplicate")
        }
    }

    /// What each part may be, but not together.
    private func check(_ rule: FaultRule) throws(FaultProxyError) {
        let fault = rule.fault
        if rule.duration != nil, !fault.lasts {
            throw FaultProxyError("\(fault.word) happens at once and takes no \"for\"")
        }
        let isOnConnection =
            switch rule.trigger {
            case .connection, .anyConnection: true
            case .now, .after, .every: false
            }
        if isOnConnection {
            guard rule.target.connection == nil else {
                throw FaultProxyError("a connection's number stands either first or at the route")
            }
            guard fault != .refuse else {
                throw FaultProxyError("refuse does not go with connection")
            }
            if fault.isOnNew, rule.duration != nil {
                throw FaultProxyError("\(fault.word) of one connection lasts as long as that")
            }
        } else if fault.isOnNew {
            guard rule.duration != nil else {
                throw FaultProxyError("\(fault.word) needs a time, such as \"for 3s\"")
            }
            guard rule.target.connection == nil else {
                throw FaultProxyError("\(fault.word) is for new connections; leave the number out")
            }
        }
    }
}

/// The words of a line, taken from the front.
private struct Words {
    private let words: [String]
    private var position = 0

    init(_ words: [String]) { self.words = words }

    var peek: String? { position < words.count ? words[position] : nil }

    mutating func next(_ what: String) throws(FaultProxyError) -> String {
        guard let word = peek else { throw FaultProxyError("ends where it needs \(what)") }
        position += 1
        return word
    }

    /// Takes the next word if it is this one.
    mutating func take(_ word: String) -> Bool {
        guard peek == word else { return false }
        position += 1
        return true
    }

    mutating func direction() -> Direction {
        guard let way = peek.flatMap(Direction.init(rawValue:)) else { return .both }
        position += 1
        return way
    }

    mutating func duration() throws(FaultProxyError) -> Int64 {
        let word = try next("a time such as 250ms or 2s")
        guard let value = TimeText.milliseconds(word) else {
            throw FaultProxyError("\"\(word)\" is no time such as 250ms or 2s")
        }
        return value
    }

    /// "10 bytes/s", "1234 bytes".
    mutating func count(_ unit: String) throws(FaultProxyError) -> Int64 {
        let word = try next("a number of \(unit)")
        guard let value = Int64(word), (0...1_000_000_000).contains(value) else {
            throw FaultProxyError("\"\(word)\" is no number of \(unit)")
        }
        guard take(unit) else { throw FaultProxyError("write \"\(word) \(unit)\"") }
        return value
    }

    /// "2.5%" in a thousand; nil when the next word is no percentage.
    mutating func chance() throws(FaultProxyError) -> UInt64? {
        guard let word = peek, word.hasSuffix("%") else { return nil }
        position += 1
        guard let percent = Double(word.dropLast()), (0...100).contains(percent) else {
            throw FaultProxyError("\"\(word)\" is no percentage up to 100%")
        }
        return UInt64((percent * 10).rounded())
    }
}
