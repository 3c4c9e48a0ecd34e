// ProxyFaultTests.swift — the network between bot and venue fails, each fault on each connection;
// the bot says so, comes back by itself, and nothing is lost or doubled.
import Foundation
import Testing

extension CommandTests {
    @Suite("A network that fails") struct ProxyFaultTests {
        /// Lines for the proxy, with `ROUTE` for the route's name.
        private struct Trouble {
            let lines: [String]
            /// The connection breaks for certain.
            var breaks = true
        }

        /// Of one bot. Few breaks each: with every one the next attempt waits longer.
        private static let rows: [[Trouble]] = [
            [
                Trouble(lines: ["ROUTE reset"]),
                Trouble(lines: ["ROUTE delay both 200ms for 1s"], breaks: false),
                Trouble(lines: ["ROUTE cut down mid-record"]),
                Trouble(lines: ["ROUTE stall for 1s"], breaks: false),
                Trouble(lines: ["ROUTE half-open for 1s"]),
                Trouble(lines: ["ROUTE lose down for 500ms"], breaks: false),
                Trouble(lines: ["ROUTE stall-accept for 500ms", "ROUTE reset"]),
            ],
            [
                Trouble(lines: ["ROUTE hang-up"]),
                Trouble(lines: ["ROUTE drip down 20000 bytes/s for 1s"], breaks: false),
                Trouble(lines: ["ROUTE cut down after 700 bytes"]),
                Trouble(lines: ["ROUTE lose up for 500ms"], breaks: false),
                Trouble(lines: ["ROUTE duplicate for 5s", "ROUTE reset"]),
                Trouble(lines: ["ROUTE refuse for 1s", "ROUTE reset"]),
            ],
        ]

        @Test("Every fault of a stream ends, and the bot is back") func streams() throws {
            let plans = ["market", "orders"].flatMap { route in
                Self.rows.map { (route: route, row: $0) }
            }
            let bots = try plans.map { (plan: $0, bot: try Exposed()) }
            for (_, bot) in bots { #expect(bot.recovers(), bot.story) }
            for step in 0..<(Self.rows.map(\.count).max() ?? 0) {
                let busy = bots.filter { $0.plan.row.indices.contains(step) }
                for (plan, bot) in busy { try spoil(bot, plan.route, plan.row[step]) }
                for (plan, bot) in busy { expectBack(bot, plan.route, plan.row[step]) }
            }
            for (_, bot) in bots { try bot.expectWhole() }
        }

        private func spoil(_ bot: Exposed, _ route: String, _ trouble: Trouble) throws {
            bot.forgetEvents()
            for line in trouble.lines {
                try bot.network.tell(line.replacingOccurrences(of: "ROUTE", with: route))
            }
        }

        private func expectBack(_ bot: Exposed, _ route: String, _ trouble: Trouble) {
            if trouble.breaks {
                #expect(
                    bot.logs("stream", [route, "down: "]),
                    "\(route) \(trouble.lines): nothing was said\n\(bot.story)")
            }
            #expect(bot.recovers(), "\(route) \(trouble.lines)\n\(bot.story)")
        }

        @Test("While connections are refused, status names it and no order leaves") func refused()
            throws
        {
            let bot = try Exposed()
            #expect(bot.bot.hasFilled(1), bot.story)
            try bot.network.tell("all refuse for 600s")
            try bot.network.tell("all reset")
            #expect(
                bot.bot.reaches { status in
                    status["streams"].list.count >= 2
                        && status["streams"].list.allSatisfy { stream in
                            stream["is_open"].flag == false
                                && stream["reason"].text?.contains("refused") == true
                        }
                }, bot.story)
            let sent = try bot.ordersSent()
            Thread.sleep(forTimeInterval: 1)
            #expect(try bot.ordersSent() == sent, bot.story)
            try bot.expectWhole()
        }

        @Test("A connection that falls silent is given up; nothing is traded on a frozen book")
        func silent() throws {
            let (frozen, mute) = (try Exposed(), try Exposed())
            for bot in [frozen, mute] { #expect(bot.bot.hasFilled(1), bot.story) }
            [frozen, mute].forEach { $0.forgetEvents() }
            try frozen.network.tell("market half-open")
            try mute.network.tell("orders half-open")
            // Older than `max_age_ms`, or known not to be live.
            #expect(
                frozen.bot.reaches(within: 40) { status in
                    status["instruments"].list.allSatisfy { instrument in
                        instrument["book"].text != "live"
                            || instrument["age_ms"].number ?? 0 > 5_500
                    }
                }, frozen.story)
            #expect(try frozen.sentWhileUnusable() == 0, frozen.story)
            #expect(frozen.logs("stream", ["market", "down: "], within: 60), frozen.story)
            #expect(mute.logs("stream", ["orders", "down: "], within: 50), mute.story)
            for bot in [frozen, mute] { try bot.expectWhole() }
        }

        // MARK: REST

        private static let restFaults = [
            "connection 100% rest reset", "connection 100% rest hang-up",
            "connection 100% rest cut down after 900 bytes",
            "connection 100% rest cut up after 100 bytes",
            "connection 100% rest cut down mid-record", "rest refuse for 600s",
        ]

        @Test("A question by REST that fails says why, and is answered again afterwards")
        func rest() throws {
            let bot = try Exposed()
            // What the order stream told of the account is what is left when REST fails.
            #expect(bot.bot.hasFilled(1), bot.story)
            #expect(bot.recovers(), bot.story)
            for fault in Self.restFaults {
                try bot.network.tell(fault)
                let note = try bot.bot.expect("balances")["note"].text
                #expect(note?.contains("did not answer") == true, "\(fault): \(note ?? "-")")
                try bot.network.tell("heal")
                #expect(try bot.bot.expect("balances")["note"].text == nil, "\(fault)")
            }
            for fault in ["delay both 100ms", "drip down 20000 bytes/s", "duplicate"] {
                try bot.network.tell("connection 100% rest \(fault)")
                #expect(try bot.bot.expect("balances")["note"].text == nil, "\(fault)")
                try bot.network.tell("heal")
            }
            try bot.expectWhole()
        }

        @Test("Without REST a lost book stays unused, and comes back with REST") func books() throws
        {
            let bot = try Exposed()
            #expect(bot.bot.hasFilled(1), bot.story)
            bot.forgetEvents()
            try bot.network.tell("rest refuse for 600s")
            try bot.network.tell("market reset")
            #expect(bot.logs("book", ["could not be fetched", "refused"]), bot.story)
            let status = try bot.bot.expect("status")
            #expect(status["instruments"].list.contains { $0["book"].text != "live" }, bot.story)
            try bot.expectWhole()
        }

        @Test("A bot that starts while REST is refused says what it could not reach")
        func startWithoutRest() throws {
            let bot = try Exposed()
            #expect(bot.recovers(), bot.story)
            #expect(bot.bot.process.interrupt(30) == 0, bot.story)
            try bot.network.tell("rest refuse for 600s")
            let folder = bot.bot.folder
            let again = try Program.run(["run", "-c", "bot.yaml", "--json"], in: folder)
            #expect(again.status == 4, "\(again.errors)")
            #expect(try again.document()["error"].text?.contains("refused") == true)
        }
    }
}
