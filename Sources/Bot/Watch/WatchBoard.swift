// WatchBoard.swift — the newest state of everything that a watcher sees, as JSON texts.
//
// Nothing is queued for anybody: a reader keeps one number, the board's clock when it was last
// served, and gets what changed since, merged. A reader that was away for a second or a day gets
// one frame of the same bounded size, so no reader can make memory grow. The bot's feed and the
// page's process use the same board; a frame written by one is read by the other.
import Foundation

/// Where a reader stands. The start of time: everything is new.
package struct WatchCursor: Sendable, Equatable {
    fileprivate var generation: UInt64 = 0
    fileprivate var clock: UInt64 = 0

    package init() {}
}

package struct WatchBoard: Sendable {
    private struct Section {
        var text: Data
        var changed: UInt64
    }

    private struct Item {
        var key: Int64
        var text: Data
        var changed: UInt64
    }

    /// Items kept of each series; the oldest goes first.
    package static let longestSeries = 900
    /// Sections and series together; more are refused, so that a frame stays a frame.
    package static let maxNames = 512

    // Starts beyond a new cursor's, so that the first frame is a whole one.
    private var generation: UInt64 = 1
    private var clock: UInt64 = 0
    private var sections: [String: Section] = [:]
    private var series: [String: [Item]] = [:]

    package init() {}

    /// Replaces a section; the same text again is no change.
    package mutating func set(_ name: String, _ text: Data) {
        guard sections[name]?.text != text else { return }
        guard sections[name] != nil || hasRoom else { return }
        clock += 1
        sections[name] = Section(text: text, changed: clock)
    }

    /// Appends to a series, or replaces its last item when `key` is the same. Older keys are no
    /// news and change nothing.
    package mutating func append(_ name: String, key: Int64, _ text: Data) {
        guard series[name] != nil || hasRoom else { return }
        var items = series.removeValue(forKey: name) ?? []
        defer { series[name] = items }
        if let last = items.last, last.key >= key {
            guard last.key == key, last.text != text else { return }
            items.removeLast()
        }
        clock += 1
        items.append(Item(key: key, text: text, changed: clock))
        if items.count > Self.longestSeries { items.removeFirst(items.count - Self.longestSeries) }
    }

    private var hasRoom: Bool { sections.count + series.count < Self.maxNames }

    /// Forgets everything: another bot, or the same one started again.
    package mutating func reset() {
        generation += 1
        sections = [:]
        series = [:]
    }

    /// True when `frame(since:)` would have something to say.
    package func hasNews(since cursor: WatchCursor) -> Bool {
        cursor.generation != generation || cursor.clock != clock
    }

    /// What changed since `cursor`, which moves on:
    /// `{"reset":true,"sections":{name:value},"series":{name:[[key,value]]}}`, where `reset` says
    /// that what was known before is void. Nil when nothing changed.
    package func frame(since cursor: inout WatchCursor) -> Data? {
        guard hasNews(since: cursor) else { return nil }
        let isWhole = cursor.generation != generation
        let since = isWhole ? 0 : cursor.clock
        cursor.generation = generation
        cursor.clock = clock
        var out = Data()
        out.append(text: isWhole ? "{\"reset\":true,\"sections\":{" : "{\"sections\":{")
        var separator = ""
        for (name, section) in sections where section.changed > since {
            out.append(text: "\(separator)\"\(name)\":")
            out.append(section.text)
            separator = ","
        }
        out.append(text: "},\"series\":{")
        separator = ""
        for (name, items) in series where (items.last?.changed ?? 0) > since {
            out.append(text: "\(separator)\"\(name)\":")
            out.append(Self.list(items, since))
            separator = ","
        }
        out.append(text: "}}")
        return out
    }

    private static func list(_ items: [Item], _ since: UInt64) -> Data {
        var first = items.endIndex
        // The newest change is last: what is new is a tail.
        while first > items.startIndex, items[first - 1].changed > since { first -= 1 }
        var out = Data("[".utf8)
        for (index, item) in items[first...].enumerated() {
            out.append(text: "\(index == 0 ? "" : ",")[\(item.key),")
            out.append(item.text)
            out.append(text: "]")
        }
        out.append(text: "]")
        return out
    }

    /// Merges a frame that another board wrote. A malformed one throws and may be half merged: the
    /// caller starts afresh.
    package mutating func take(_ frame: Data) throws(JSONSliceError) {
        let members = try JSONSlices.members(of: frame)
        if members.contains(where: { $0.0 == "reset" }) { reset() }
        for (name, value) in members where name == "sections" {
            for (section, text) in try JSONSlices.members(of: value) { set(section, text) }
        }
        for (name, value) in members where name == "series" {
            for (series, list) in try JSONSlices.members(of: value) {
                for item in try JSONSlices.elements(of: list) { try take(item, series) }
            }
        }
    }

    private mutating func take(_ item: Data, _ series: String) throws(JSONSliceError) {
        let pair = try JSONSlices.elements(of: item)
        guard pair.count == 2, let key = Int64(String(decoding: pair[0], as: UTF8.self)) else {
            throw JSONSliceError(offset: 0)
        }
        append(series, key: key, pair[1])
    }

    /// The text of a section, for those who need one value.
    package func section(_ name: String) -> Data? { sections[name]?.text }
    package func count(_ name: String) -> Int { series[name]?.count ?? 0 }
}

extension Data {
    fileprivate mutating func append(text: String) { append(contentsOf: text.utf8) }
}
