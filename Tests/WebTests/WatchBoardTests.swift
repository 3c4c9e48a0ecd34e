// WatchBoardTests.swift — the board tells each reader what is new for it, and never more.
import Foundation
import Testing

@testable import Bot

private func text(_ value: String) -> Data { Data(value.utf8) }

private func parsed(_ frame: Data?) throws -> [String: Any] {
    let data = try #require(frame)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
}

@Suite("Watch board") struct WatchBoardTests {
    @Test("A new reader gets everything, then only what changed") func tellsNews() throws {
        var board = WatchBoard()
        board.set("status", text(#"{"a":1}"#))
        board.append("fills", key: 1, text(#""one""#))
        var cursor = WatchCursor()
        let whole = try parsed(board.frame(since: &cursor))
        #expect(whole["reset"] as? Bool == true)
        #expect((whole["sections"] as? [String: Any])?.keys.sorted() == ["status"])
        #expect(board.frame(since: &cursor) == nil)
        board.append("fills", key: 2, text(#""two""#))
        board.set("status", text(#"{"a":1}"#))
        let delta = try #require(board.frame(since: &cursor))
        #expect(
            String(decoding: delta, as: UTF8.self)
                == #"{"sections":{},"series":{"fills":[[2,"two"]]}}"#)
    }

    @Test("A changed last item comes again, an older one does not") func lastItemChanges() throws {
        var board = WatchBoard()
        var cursor = WatchCursor()
        board.append("candles", key: 10, text("1"))
        board.append("candles", key: 11, text("2"))
        _ = board.frame(since: &cursor)
        board.append("candles", key: 10, text("9"))
        #expect(!board.hasNews(since: cursor))
        board.append("candles", key: 11, text("3"))
        let delta = try #require(board.frame(since: &cursor))
        #expect(String(decoding: delta, as: UTF8.self).contains("[[11,3]]"))
    }

    @Test("A reader that stalls gets one bounded frame, however much happened")
    func stalledReader() throws {
        var board = WatchBoard()
        var stalled = WatchCursor()
        board.set("price", text("0"))
        _ = board.frame(since: &stalled)
        for number in 1...100_000 {
            board.set("price", text("\(number)"))
            board.append("fills", key: Int64(number), text("\(number)"))
        }
        let frame = try #require(board.frame(since: &stalled))
        #expect(board.count("fills") == WatchBoard.longestSeries)
        #expect(frame.count < WatchBoard.longestSeries * 20)
        let series = try parsed(frame)["series"] as? [String: [[Int]]]
        #expect(series?["fills"]?.last == [100_000, 100_000])
        #expect(board.frame(since: &stalled) == nil)
    }

    @Test("However many series there are, a frame stays a frame, and each keeps its newest")
    func boundsBytes() throws {
        var board = WatchBoard()
        let candle = text(#"["50000.10","50000.20","50000.00","50000.10","123.45678"]"#)
        for second in 1...Int64(WatchBoard.longestSeries) {
            for number in 0..<64 { board.append("candles/\(number)", key: second, candle) }
            board.append("refusals", key: second, text("\"\(String(repeating: "x", count: 500))\""))
        }
        var cursor = WatchCursor()
        let frame = try #require(board.frame(since: &cursor))
        #expect(frame.count <= WatchBoard.mostSeriesBytes)
        #expect(frame.count > WatchBoard.mostSeriesBytes / 2)
        let series = try #require(try parsed(frame)["series"] as? [String: [[Any]]])
        #expect(series.count == 65)
        #expect(series.values.allSatisfy { $0.last?.first as? Int == WatchBoard.longestSeries })
    }

    @Test("A board fed with another's frames shows the same") func mergesFrames() throws {
        var bot = WatchBoard()
        var page = WatchBoard()
        var cursor = WatchCursor()
        bot.set("status", text(#"{"text":"a, \"b\" ]}"}"#))
        bot.append("fills", key: 1, text(#"{"x":[1,[2]]}"#))
        try page.take(try #require(bot.frame(since: &cursor)))
        bot.append("fills", key: 2, text("2"))
        try page.take(try #require(bot.frame(since: &cursor)))
        var a = WatchCursor()
        var b = WatchCursor()
        #expect(page.frame(since: &a) == bot.frame(since: &b))
    }

    @Test("A bot that started again makes what was known void") func resets() throws {
        var page = WatchBoard()
        try page.take(text(#"{"reset":true,"sections":{"old":1},"series":{"fills":[[7,7]]}}"#))
        var cursor = WatchCursor()
        _ = page.frame(since: &cursor)
        try page.take(text(#"{"reset":true,"sections":{"new":1},"series":{"fills":[[1,1]]}}"#))
        let frame = try parsed(page.frame(since: &cursor))
        #expect(frame["reset"] as? Bool == true)
        #expect((frame["sections"] as? [String: Any])?.keys.sorted() == ["new"])
    }

    @Test("A name too many is refused, known ones go on") func boundsNames() {
        var board = WatchBoard()
        for number in 0..<(WatchBoard.maxNames + 50) { board.set("s\(number)", text("1")) }
        #expect(board.section("s\(WatchBoard.maxNames - 1)") != nil)
        #expect(board.section("s\(WatchBoard.maxNames)") == nil)
        board.set("s0", text("2"))
        #expect(board.section("s0") == text("2"))
    }

    @Test(
        "A malformed frame throws",
        arguments: [
            "", "[]", "{", #"{"sections":{"a":}}"#, #"{"sections":[1]}"#,
            #"{"series":{"a":[1]}}"#, #"{"series":{"a":[["x",1]]}}"#, #"{"sections":{"a":1}"#,
            #"{"sections":{"a":1}}x"#, #"{"sections":{"a":"open}}"#, #"{"sections":{"a\n":1}}"#,
        ])
    func malformed(_ frame: String) {
        var board = WatchBoard()
        #expect(throws: JSONSliceError.self) { try board.take(text(frame)) }
    }

    @Test("Values are cut out as they were written") func slices() throws {
        let members = try JSONSlices.members(
            of: text(" { \"a\" : 1.50 , \"b\":\"x\\\"},\" ,\"c\":[ {\"d\":[]} ] } "))
        #expect(members.map(\.0) == ["a", "b", "c"])
        let values = members.map { String(decoding: $0.1, as: UTF8.self) }
        #expect(values[0].hasPrefix("1.50"))
        #expect(values[1].hasPrefix("\"x\\\"},\""))
        #expect(try JSONSlices.elements(of: members[2].1).count == 1)
        #expect(try JSONSlices.elements(of: text("[]")).isEmpty)
    }
}
