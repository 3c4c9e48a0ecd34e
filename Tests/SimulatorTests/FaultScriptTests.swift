// FaultScriptTests.swift — what a fault script may say, and how its mistakes are named.
import Simulator
import Testing

@Suite("Fault script") struct FaultScriptTests {
    @Test("Reads every fault, with comments and blank lines")
    func readsScript() throws {
        let rules = try FaultPlan.rules(
            """
            # orders
            order 3 drop-reply   # the third
            order 2.5% timeout

            order 4 delay-reply 250ms
            after 8s freeze BTCUSDT 2s
            every 30s cut market
            after 1.5s gap ETHUSDT
            after 2s close all 1001
            """, name: "faults")
        #expect(
            rules == [
                FaultRule(.order(3), .dropReply), FaultRule(.chance(perMille: 25), .timeout),
                FaultRule(.order(4), .delayReply(milliseconds: 250)),
                FaultRule(
                    .after(milliseconds: 8_000),
                    .freeze(symbol: "BTCUSDT", milliseconds: 2_000)),
                FaultRule(.every(milliseconds: 30_000), .close(.market, code: 0)),
                FaultRule(.after(milliseconds: 1_500), .gap(symbol: "ETHUSDT")),
                FaultRule(.after(milliseconds: 2_000), .close(.all, code: 1001)),
            ])
    }

    @Test("Names every mistake with its line")
    func namesMistakes() {
        let script = """
            order 0 drop-reply
            order 1 explode
            after soon gap BTCUSDT
            after 1s drop-reply
            every 0s cut market
            after 1s close api 7
            order 1
            """
        do {
            _ = try FaultPlan.rules(script, name: "f")
            Issue.record("the script must be refused")
        } catch {
            let lines = error.description.split(separator: "\n")
            #expect(lines.count == 7)
            #expect(lines.first == "f, line 1: \"0\" is neither an order's number nor a percentage")
            #expect(lines.last == "f, line 7: needs a trigger, its number and a fault")
        }
    }
}
