// DemoTests.swift — `needletail demo`, unattended: what a newcomer sees first.
import Foundation
import Testing

extension CommandTests {
    @Suite("Demo") struct DemoTests {
        @Test("Trades within ten seconds and sums up") func trades() throws {
            let folder = try Folder()
            let demo = try Running(["demo", "--seconds", "12", "--json"], in: folder)
            #expect(eventually(within: 10) { demo.errors.contains("first fill after") })
            #expect(demo.wait(20) == 0, "\(demo.errors)")
            let summary = try Document(exactly: demo.output)
            for key in ["orders", "fills", "events"] {
                #expect(try #require(summary[key].number) > 0, "\(key)")
            }
            #expect(summary["unknown"].number == 0)
            #expect(summary["open_orders"].number == 0)
            #expect(summary["clean_shutdown"].flag == true)
            for key in ["rejects", "position", "pnl", "fees"] { #expect(summary[key].exists) }
            #expect(summary["pnl"].units != nil && summary["fees"].units != nil)
            let latency = summary["tick_to_order_ns"]
            #expect(latency.keys.contains("p99") && latency.keys.contains("p999"))
            #expect(try #require(latency["p50"].number) > 0)
            #expect(try #require(latency["max"].number) >= latency["p50"].number ?? .max)
        }

        @Test("Ctrl-C ends it cleanly, and leaves nothing behind") func interrupted() throws {
            let folder = try Folder()
            let temporary = "\(folder.path)/tmp"
            try FileManager.default.createDirectory(
                atPath: temporary, withIntermediateDirectories: false)
            let demo = try Running(["demo"], in: folder, environment: ["TMPDIR": temporary])
            #expect(eventually(within: 15) { demo.errors.contains("operate it") })
            #expect(demo.interrupt() == 0, "\(demo.errors)")
            #expect(demo.output.contains("stopped cleanly"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
        }
    }
}
