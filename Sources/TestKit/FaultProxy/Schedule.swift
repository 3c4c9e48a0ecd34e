// Schedule.swift — the rules of one run and how far they have come.

struct Schedule {
    private struct Entry {
        let rule: FaultRule
        /// Nanoseconds; nil: it is not one of time, or over.
        var next: Int64?
    }

    private var entries: [Entry] = []

    /// Times count from `now` on.
    mutating func add(_ rule: FaultRule, now: Int64) {
        switch rule.trigger {
        case .now: entries.append(Entry(rule: rule, next: now))
        case .after(let time), .every(let time):
            entries.append(Entry(rule: rule, next: now + time * 1_000_000))
        case .connection, .anyConnection: entries.append(Entry(rule: rule, next: nil))
        }
    }

    var nextTime: Int64? { entries.compactMap(\.next).min() }

    /// What is due, in the order of its time; of an interval that was missed often, once.
    mutating func due(_ now: Int64) -> [FaultRule] {
        let due = entries.indices.filter { entries[$0].next.map { $0 <= now } == true }
            .sorted { (entries[$0].next ?? 0) < (entries[$1].next ?? 0) }
        let rules = due.map { entries[$0].rule }
        for index in due {
            guard case .every(let interval) = entries[index].rule.trigger,
                let time = entries[index].next
            else {
                entries[index].next = nil
                continue
            }
            let step = interval * 1_000_000
            entries[index].next = time + ((now - time) / step + 1) * step
        }
        entries.removeAll { entry in
            switch entry.rule.trigger {
            case .now, .after: entry.next == nil
            case .every, .connection, .anyConnection: false
            }
        }
        return rules
    }

    /// Rules for the n-th connection of this route.
    func rules(forConnection number: Int, on route: String) -> [FaultRule] {
        entries.map(\.rule).filter { rule in
            guard rule.target.route == nil || rule.target.route == route else { return false }
            switch rule.trigger {
            case .connection(let wanted): return wanted == number
            case .anyConnection: return true
            case .now, .after, .every: return false
            }
        }
    }
}
