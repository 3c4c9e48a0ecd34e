// CaptureFuzzTests.swift — recordings changed by a seed: a report or a named error with its line,
// never a trap.
import Core
import Foundation
import TestKit
import Testing

@testable import Bot

@Suite("Recordings by a seed") struct CaptureFuzzTests {
    private static let lines = [
        #"1000 {"lastUpdateId":100,"bids":[["10.0","1.0"]],"asks":[["11.0","2.0"]]}"#,
        #"1001 {"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","#
            + #""U":99,"u":102,"b":[["10.5","4"]],"a":[]}}"#,
        #"1002 {"stream":"btcusdt@bookTicker","data":{"u":102,"s":"BTCUSDT","b":"10.5","#
            + #""B":"4","a":"11.0","A":"2"}}"#,
        #"1003 {"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","#
            + #""U":103,"u":105,"b":[["10.5","3"]],"a":[["11.0","0"]]}}"#,
        #"1004 {"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":9,"#
            + #""p":"10.5","q":"1","T":1,"m":true,"M":true}}"#,
    ]
    private let folder: ReplayFolder

    init() throws { folder = try ReplayFolder() }

    private func write(_ bytes: [UInt8]) throws -> String {
        let path = folder.path("capture")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("Each line is refused or whole") func eachLine() throws {
        var mutator = Mutator(seed: 19)
        var bytes: [UInt8] = []
        for _ in 0..<3000 {
            bytes += mutator.mutate(Array(Self.lines[mutator.below(Self.lines.count)].utf8))
            bytes.append(UInt8(ascii: "\n"))
        }
        let lines = try TextLines(try write(bytes))
        var whole = 0
        while let found = try lines.next() {
            guard let line = try? CaptureLine(found, of: lines) else { continue }
            #expect(line.received >= 0 && line.message.first == UInt8(ascii: "{"))
            #expect(!(line.isSnapshot && line.message.isEmpty))
            if line.isDepthUpdate { whole += 1 }
        }
        #expect(whole > 0)
    }

    @Test("Each recording gives a report or an error with its line") func wholeFiles() throws {
        var mutator = Mutator(seed: 23)
        let sample = Array(Self.lines.map { $0 + "\n" }.joined().utf8)
        for _ in 0..<120 {
            let path = try write(mutator.mutate(sample))
            do throws(ReplayError) {
                let report = try BinanceCaptureReplay.run(path, clock: .system)
                #expect(report.rowsChecked >= 0)
            } catch {
                #expect(!"\(error)".isEmpty)
            }
        }
    }
}
