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
        /// In a frame, with key, brackets and commas.
        var bytes: Int { text.count + 24 }
    }

    private struct Series {
        var items: [Item] = []
        var bytes = 0

        mutating func drop(_ count: Int) {
            for item in items.prefix(count) { bytes -= item.bytes }
            items.removeFirst(count)
        }
    }

    /// Items kept of each series; the oldest goes first.
    package static let longestSeries = 900
    /// Bytes kept of all series together, so that a frame with all of them and every section stays
    /// below the longest that the socket takes; the longest series gives way.
    package static let mostSeriesBytes = 768 << 10
    /// Sections and series together; more are refused, so that a frame stays a frame.
    package static let maxNames = 512

    // Starts beyond a new cursor's, so that the first frame is a whole one.
    private var generation: UInt64 = 1
    private var clock: UInt64 = 0
    private var sections: [String: Section] = [:]
    private var series: [String: Series] = [:]
    private var seriesBytes = 0

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
        if let last = series[name]?.items.last, last.key >= key {
            guard last.key == key, last.text != text else { return }
            change(name) { series in
                series.items.removeLast()
                series.bytes -= last.bytes
            }
        }
        clock += 1
        let item = Item(key: key, text: text, changed: clock)
        change(name) { series in
            series.items.append(item)
            series.bytes += item.bytes
            if series.items.count > Self.longestSeries { series.drop(1) }
        }
        while seriesBytes > Self.mostSeriesBytes {
            guard let longest = series.max(by: { $0.value.bytes < $1.value.bytes }) else { return }
            // A part at once: looking for the longest at every item would be waste.
            change(longest.key) { $0.drop(max(1, $0.items.count / 16)) }
        }
    }

    private mutating func change(_ name: String, _ body: (inout Series) -> Void) {
        let before = series[name]?.bytes ?? 0
        body(&series[name, default: Series()])
        seriesBytes += (series[name]?.bytes ?? 0) - before
    }

    private var hasRoom: Bool { sections.count + series.count < Self.maxNames }

    /// Forgets everything: another bot, or the same one started again.
    package mutating func reset() {
        generation += 1
        sections = [:]
        series = [:]
        seriesBytes = 0
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
        for (name, series) in series where (series.items.last?.changed ?? 0) > since {
            out.append(text: "\(separator)\"\(name)\":")
            out.append(Self.list(series.items, since))
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
    package func count(_ name: String) -> Int { series[name]?.items.count ?? 0 }
}

extension Data {
    fileprivate mutating func append(text: String) { append(contentsOf: text.utf8) }
}
