// FaultScriptTests.swift — what a script may say, how its mistakes are named, what a seed draws.
import Testing

@testable import needletail_faults

@Suite("Script of the fault proxy") struct FaultScriptTests {
    private static let routes = ["market", "orders"]
    private let script = FaultScript(routes: routes)

    @Test("Reads every fault, with comments and blank lines") func readsScript() throws {
        let rules = try script.rules(
            """
            # a bad day
            after 2s       market   delay up 200ms for 3s   # slower
            after 3s       orders#2 lose down for 5s
            every 10s 25%  all      reset

            connection 3   orders   cut down after 1234 bytes
            connection 2.5% market  stall-accept
            after 1.5s     all      cut mid-record
            after 0s       market   drip 10 bytes/s
            """, name: "faults")
        #expect(
            rules == [
                FaultRule(
                    trigger: .after(milliseconds: 2_000), target: Target(route: "market"),
                    fault: .delay(.up, milliseconds: 200), duration: 3_000),
                FaultRule(
                    trigger: .after(milliseconds: 3_000),
                    target: Target(route: "orders", connection: 2), fault: .lose(.down),
                    duration: 5_000),
                FaultRule(
                    trigger: .every(milliseconds: 10_000), target: Target(), fault: .reset,
                    perMille: 250),
                FaultRule(
                    trigger: .connection(3), target: Target(route: "orders"),
                    fault: .cut(.down, after: 1_234)),
                FaultRule(
                    trigger: .anyConnection, target: Target(route: "market"), fault: .stallAccept,
                    perMille: 25),
                FaultRule(
                    trigger: .after(milliseconds: 1_500), target: Target(),
                    fault: .cutMidRecord(.both)),
                FaultRule(
                    trigger: .after(milliseconds: 0), target: Target(route: "market"),
                    fault: .drip(.both, bytesPerSecond: 10)),
            ])
    }

    @Test("Names every mistake with its line") func namesMistakes() throws {
        let mistakes = [
            ("soon market reset", "\"soon\" is none of after, every, connection"),
            ("after soon market reset", "\"soon\" is no time such as 250ms or 2s"),
            ("every 0s market reset", "an interval must be positive"),
            ("after 1s 200% market reset", "\"200%\" is no percentage up to 100%"),
            (
                "connection 0 market reset",
                "\"0\" is neither a connection's number nor a percentage"
            ),
            (
                "after 1s nowhere reset",
                "there is no route \"nowhere\"; there is: market, orders, all"
            ),
            ("after 1s all#2 reset", "\"all#2\" is no connection such as market#2"),
            ("after 1s market", "ends where it needs a fault"),
            ("after 1s market delay up", "ends where it needs a time such as 250ms or 2s"),
            ("after 1s market drip 0 bytes/s", "a drip needs a rate; see stall"),
            ("after 1s market drip 9", "write \"9 bytes/s\""),
            ("after 1s market cut", "cut needs \"after N bytes\" or \"mid-record\""),
            ("after 1s market reset for 2s", "reset happens at once and takes no \"for\""),
            ("after 1s market reset now", "\"now\" is one word too many"),
            ("after 1s market refuse", "refuse needs a time, such as \"for 3s\""),
            (
                "after 1s market#1 refuse for 1s",
                "refuse is for new connections; leave the number out"
            ),
            ("connection 1 market refuse", "refuse does not go with connection"),
            (
                "connection 1 market duplicate for 2s",
                "duplicate of one connection lasts as long as that"
            ),
            (
                "connection 1 market#2 reset",
                "a connection's number stands either first or at the route"
            ),
        ]
        let text = mistakes.map(\.0).joined(separator: "\n")
        let error = #expect(throws: FaultProxyError.self) { try script.rules(text, name: "f") }
        let lines = try #require(error).description.split(separator: "\n").map(String.init)
        let wanted = mistakes.enumerated().map { "f, line \($0.offset + 1): \($0.element.1)" }
        #expect(lines == wanted)
    }

    @Test("Only the control input takes a fault without a trigger") func takesNow() throws {
        let control = FaultScript(routes: Self.routes, takesNow: true)
        let rule = try #require(try control.rule("orders#1 half-open for 2s"))
        #expect(rule.trigger == .now && rule.duration == 2_000)
        #expect(throws: FaultProxyError.self) { try script.rule("orders#1 half-open for 2s") }
    }

    @Test("A rule's text says the same again") func roundTrip() throws {
        for seed in UInt64(0)..<200 {
            let rules = FaultMix.standard.rules(
                seed: seed, routes: Self.routes, milliseconds: 15_000)
            let text = rules.map(\.description).joined(separator: "\n")
            #expect(try script.rules(text, name: "mix") == rules)
        }
        let line = "every 1500ms 2.5% all delay up 20ms"
        #expect(try script.rule(line)?.description == line)
        #expect(
            try script.rule("connection 7% all reset")?.description == "connection 7% all reset")
    }

    @Test("A seed draws the same schedule, another seed another one") func seeds() {
        func draw(_ seed: UInt64) -> [FaultRule] {
            FaultMix.standard.rules(seed: seed, routes: Self.routes, milliseconds: 15_000)
        }
        #expect(draw(7) == draw(7))
        #expect(draw(7) != draw(8))
    }

    @Test("Every fault is drawn, and all is over before the end") func mix() {
        var words: Set<String> = []
        for seed in UInt64(0)..<100 {
            for rule in FaultMix.standard.rules(
                seed: seed, routes: Self.routes, milliseconds: 15_000)
            {
                words.insert(rule.fault.word)
                guard case .after(let time) = rule.trigger else {
                    Issue.record("a mix has times")
                    return
                }
                #expect(time + (rule.duration ?? 0) <= 13_500)
            }
        }
        #expect(words.count == 11)
    }

    @Test(
        "Names wrong arguments",
        arguments: [
            (["--faults"], "--faults needs a value"),
            ([], "name at least one --route"),
            (["--route", "market"], "\"market\" is no route such as market=127.0.0.1:8443"),
            (
                ["--route", "all=127.0.0.1:1"],
                "\"all=127.0.0.1:1\" is no route such as market=127.0.0.1:8443"
            ),
            (["--route", "a=venue:1"], "\"venue\" is no IPv4 address; names are not asked for"),
            (["--route", "a=127.0.0.1"], "\"127.0.0.1\" is no address such as 127.0.0.1:8443"),
            (
                ["--route", "a=127.0.0.1:1", "--route", "a=127.0.0.1:2"],
                "two routes have the same name"
            ),
            (
                ["--route", "a=127.0.0.1:1", "--mix", "wild"],
                "there is no mix \"wild\"; there is: standard"
            ),
            (["--route", "a=127.0.0.1:1", "--seed", "x"], "--seed: \"x\" is no whole number"),
            (["--route", "a=127.0.0.1:1", "--faults", "absent"], "absent cannot be read as text"),
            (["--speed"], "there is no option --speed; see --help"),
        ])
    func wrongArguments(arguments: [String], problem: String) throws {
        let error = #expect(throws: FaultProxyError.self) { try FaultArguments(arguments) }
        #expect(try #require(error).description == problem)
    }
}
