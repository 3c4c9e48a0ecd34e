import Binance
import Bot
import Core
import Foundation
import Testing

/// Composed from the documented fields of the venue's market streams.
private enum Compose {
    static func snapshot(_ id: Int64, bid: String = "10.0", ask: String = "11.0") -> String {
        #"1000 {"lastUpdateId":\#(id),"bids":[["\#(bid)","1.0"]],"asks":[["\#(ask)","2.0"]]}"#
    }

    static func depth(
        _ first: Int64, _ last: Int64, previous: Int64? = nil, pair: Bool = false,
        bids: [(String, String)] = [], asks: [(String, String)] = []
    ) -> String {
        let list = { (levels: [(String, String)]) in
            levels.map { #"["\#($0.0)","\#($0.1)"]"# }.joined(separator: ",")
        }
        let chain = previous.map { #","pu":\#($0),"T":1"# } ?? ""
        let pair = pair ? #","ps":"BTCUSD""# : ""
        return #"1001 {"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT""#
            + #"\#(pair),"U":\#(first),"u":\#(last)\#(chain),"#
            + #""b":[\#(list(bids))],"a":[\#(list(asks))]}}"#
    }

    static func quote(_ id: Int64, bid: (String, String), ask: (String, String)) -> String {
        #"1002 {"stream":"btcusdt@bookTicker","data":{"u":\#(id),"s":"BTCUSDT","b":"\#(bid.0)","#
            + #""B":"\#(bid.1)","a":"\#(ask.0)","A":"\#(ask.1)"}}"#
    }

    /// Two updates after a snapshot that comes late; the quotes come in the wrong order.
    static let sound = [
        depth(95, 98, bids: [("10.9", "5")]),
        quote(104, bid: ("10.5", "3"), ask: ("11.0", "2")),
        depth(99, 102, bids: [("10.5", "4")]),
        snapshot(100),
        quote(101, bid: ("10.5", "4"), ask: ("11.0", "2")),
        depth(103, 105, bids: [("10.5", "3")]),
        quote(106, bid: ("1.0", "1"), ask: ("11.0", "2")),
    ]
}

@Suite("Replay of a Binance capture") struct ReplayBinanceTests {
    private let folder: ReplayFolder

    init() throws { folder = try ReplayFolder() }

    private func replay(
        _ lines: [String], product: BinanceCodec.Product? = nil
    ) throws -> ReplayReport {
        let path = try folder.write("capture", lines)
        return try BinanceCaptureReplay.run(path, product: product, clock: .system)
    }

    private func problem(_ lines: [String]) throws -> ReplayError? {
        #expect(throws: ReplayError.self) { try replay(lines) }
    }

    private func malformed(_ line: Int, _ text: String) -> ReplayError {
        .malformed(path: folder.path("capture"), line: line, problem: text)
    }

    // MARK: Checking

    @Test("Matches updates and quotes by id, whatever their order") func matchesByID() throws {
        let report = try replay(Compose.sound)
        #expect(report.messages == 7)
        #expect(report.rowsChecked == 2)
        #expect(report.levelsCompared == 4)
        #expect(report.mismatches == 0)
        #expect(report.undetermined == 0)
        #expect(report.gaps == 0)
        #expect(report.notes["depth_old"] == 1)
        #expect(report.subject == "spot BTCUSDT")
        #expect(report.isClean)
        #expect(report.coreNanoseconds > 0)
    }

    @Test("Tells a book that differs from its quote, with the line") func findsMismatch() throws {
        var lines = Compose.sound
        lines[1] = Compose.quote(104, bid: ("10.5", "3"), ask: ("11.0", "2.5"))
        let report = try replay(lines)
        #expect(report.rowsChecked == 2)
        #expect(report.mismatches == 1)
        #expect(!report.isClean)
        let first = try #require(report.firstMismatch)
        #expect(first.line == 6)
        #expect(first.side == "ask")
        #expect(first.expected == "11.00000000 × 2.50000000 (update 104, line 2)")
        #expect(first.found == "11.00000000 × 2.00000000 (update 105)")
    }

    @Test("An update before the first quote is undetermined") func withoutQuote() throws {
        let report = try replay([
            Compose.snapshot(100), Compose.depth(101, 102), Compose.depth(103, 104),
            Compose.quote(103, bid: ("10", "1"), ask: ("11", "2")),
        ])
        #expect(report.rowsChecked == 1)
        #expect(report.undetermined == 1)
    }

    @Test("A gap makes the book stale until the next snapshot") func resyncsAfterGap() throws {
        let report = try replay([
            Compose.snapshot(100),
            Compose.depth(99, 101, previous: 98, bids: [("10.5", "1")]),
            Compose.quote(101, bid: ("10.5", "1"), ask: ("11", "2")),
            Compose.depth(110, 112, previous: 108, bids: [("10.7", "1")]),
            Compose.depth(113, 115, previous: 112, bids: [("10.6", "1")]),
            Compose.snapshot(111, bid: "10.4"),
            Compose.depth(116, 117, previous: 115, asks: [("10.8", "9")]),
            Compose.quote(116, bid: ("10.7", "1"), ask: ("10.8", "9")),
        ])
        #expect(report.gaps == 1)
        #expect(report.rowsChecked == 2)
        #expect(report.mismatches == 0)
        // After the second snapshot, the newest quote is from before the gap.
        #expect(report.undetermined == 1)
        #expect(report.subject == "usdm BTCUSDT")
        #expect(report.isClean)
    }

    @Test("A gap that no snapshot mends is a problem, though all before it agrees")
    func unmendedGap() throws {
        let report = try replay(Compose.sound + [Compose.depth(110, 111), Compose.depth(112, 112)])
        #expect((report.gaps, report.rowsChecked, report.mismatches) == (1, 2, 0))
        #expect(
            report.problem == "update ids do not chain, and no snapshot mends it; "
                + "2 updates could not be applied")
        #expect(!report.isClean)
    }

    @Test("An update that crosses the book is a gap and a mismatch") func crossedBook() throws {
        let report = try replay([
            Compose.snapshot(100),
            Compose.quote(101, bid: ("10.0", "1"), ask: ("11", "2")),
            Compose.depth(101, 101, bids: [("12", "1")]),
        ])
        #expect(report.gaps == 1)
        #expect(report.mismatches == 1)
    }

    @Test("Knows coin-margined futures by their pair, and takes the option's word")
    func choosesProduct() throws {
        let lines = [
            Compose.snapshot(100), Compose.depth(99, 101, previous: 98, pair: true),
            Compose.quote(101, bid: ("10", "1"), ask: ("11", "2")),
        ]
        #expect(try replay(lines).subject == "coinm BTCUSDT")
        #expect(try replay(lines, product: .usdMargined).subject == "usdm BTCUSDT")
    }

    // MARK: Nothing to check

    @Test("Without a snapshot, nothing is checked, and it says so") func noSnapshot() throws {
        let report = try replay(Compose.sound.filter { !$0.contains("lastUpdateId") })
        #expect(report.messages == 6)
        #expect(report.rowsChecked == 0)
        #expect(!report.isClean)
        #expect(report.problem == "it holds no book snapshot, so no book could be built")
    }

    @Test("Without quotes or updates, nothing is checked, and it says so") func noQuotes() throws {
        let bare = try replay([Compose.snapshot(100), Compose.depth(101, 102)])
        #expect(bare.problem == "it holds no bookTicker to compare with")
        let apart = try replay([Compose.snapshot(100), Compose.depth(150, 152)])
        #expect(apart.problem == "no depth update joins the snapshot")
        #expect(try replay([Compose.snapshot(100)]).problem == "it holds no depth update")
        #expect(try replay([]).problem == "the file is empty")
    }

    // MARK: Bad input

    @Test("Names the line that has no receive time", arguments: ["", "x {}", "-1 {}", "7,1,2,3"])
    func noReceiveTime(_ line: String) throws {
        let text = "the line begins with no receive time in nanoseconds"
        #expect(try problem(Compose.sound + [line]) == malformed(8, text))
    }

    @Test("Names the line that is cut off or not JSON") func cutLine() throws {
        let cut = String(Compose.sound[2].dropLast(1)) + " "
        let text = "no whole JSON object follows the receive time"
        #expect(try problem(Compose.sound + [cut]) == malformed(8, text))
        let broken = #"1003 {"stream":"btcusdt@depth","data":{"e":}}"#
        let found = try problem(Compose.sound + [broken])
        #expect(found?.description.contains("capture:8: not a market message: ") == true)
    }

    @Test("Refuses numbers that are none", arguments: ["abc", "-1", "1e999", "NaN", ""])
    func badNumber(_ price: String) throws {
        let found = try problem(Compose.sound + [Compose.depth(106, 107, bids: [(price, "1")])])
        #expect(found?.description.contains("capture:8: not a market message: ") == true)
    }

    @Test("Refuses a snapshot that contradicts itself") func crossedSnapshot() throws {
        let found = try problem([Compose.snapshot(100, bid: "12"), Compose.depth(101, 102)])
        #expect(found == malformed(1, "a book snapshot that contradicts itself"))
    }

    @Test("Reads compressed files, and names one that is cut off") func compressed() throws {
        let whole = try folder.writeCompressed("whole", Compose.sound)
        #expect(try BinanceCaptureReplay.run(whole, clock: .system).rowsChecked == 2)
        let cut = try folder.writeCompressed("cut", Compose.sound, keeping: 100)
        let error = #expect(throws: ReplayError.self) {
            try BinanceCaptureReplay.run(cut, clock: .system)
        }
        guard case .unreadable(cut, let reason) = error else {
            Issue.record("not unreadable: \(String(describing: error))")
            return
        }
        #expect(reason.contains("unexpected end of file"))
    }

    @Test("Names a file that is absent, a folder, or falsely called compressed")
    func unreadable() throws {
        let absent = folder.path("absent")
        #expect(throws: ReplayError.unreadable(path: absent, reason: "No such file or directory")) {
            try BinanceCaptureReplay.run(absent, clock: .system)
        }
        #expect(throws: ReplayError.unreadable(path: folder.url.path, reason: "Is a directory")) {
            try BinanceCaptureReplay.run(folder.url.path, clock: .system)
        }
        let plain = try folder.write("plain.gz", Compose.sound)
        #expect(throws: ReplayError.self) { try BinanceCaptureReplay.run(plain, clock: .system) }
    }

    // MARK: Report

    @Test("Writes every key, absent ones as null") func writesEveryKey() throws {
        let data = try JSONEncoder().encode(try replay(Compose.sound))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let wanted: Set = [
            "messages", "rows_checked", "mismatches", "undetermined", "gaps", "ns_per_message",
            "first_mismatch", "problem",
        ]
        #expect(wanted.isSubset(of: Set(object.keys)))
        #expect(object["first_mismatch"] is NSNull)
        #expect(object["rows_checked"] as? Int == 2)
    }

    // MARK: Recorded material

    @Test(
        "Every depth update of the recorded captures agrees with its quote",
        .enabled(if: Recorded.exists("data/crypto_ws/binance"), Recorded.missing),
        arguments: [
            ("usdm_btcusdt_20240808.gz", 93_954, 6_547, "usdm BTCUSDT"),
            ("cm_btcusd_perp_20240808.gz", 48_270, 26_824, "coinm BTCUSD_PERP"),
            ("spot_btcusdt_20240808.gz", 41_249, 3_449, "spot BTCUSDT"),
        ])
    func recorded(_ name: String, _ messages: Int, _ rows: Int, _ subject: String) throws {
        let path = Recorded.path("data/crypto_ws/binance/\(name)")
        let report = try BinanceCaptureReplay.run(path, clock: .system)
        #expect(report.subject == subject)
        #expect(report.messages == messages)
        #expect(report.rowsChecked == rows)
        #expect(report.mismatches == 0, "\(report.firstMismatch?.text ?? "")")
        #expect(report.undetermined == 0)
        #expect(report.gaps == 0)
        #expect(report.notes["levels_dropped"] == nil)
    }

    @Test(
        "The recorded capture without a snapshot is decoded whole and checks nothing",
        .enabled(if: Recorded.exists("data/crypto_ws/binance"), Recorded.missing))
    func recordedWithoutSnapshot() throws {
        let path = Recorded.path("data/crypto_ws/binance/spot_btcusdt_20240809.gz")
        let report = try BinanceCaptureReplay.run(path, clock: .system)
        #expect(report.messages == 58_325)
        #expect(report.rowsChecked == 0)
        #expect(report.problem == "it holds no book snapshot, so no book could be built")
    }
}
