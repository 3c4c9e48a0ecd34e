// OperatingCommandTests.swift — the operating commands of the real program on a running bot.
import Foundation
import Testing

@Suite("Operating commands", .serialized, .enabled(if: Program.exists))
struct OperatingCommandTests {
    @Test("Each answers on a running bot, and what needs none also without") func onARunningBot()
        throws
    {
        let folder = try Folder()
        let venue = try Venue(in: folder)
        try folder.write(".env", venue.ed25519EnvironmentFile)
        let bot = try Bot(
            in: folder, configuration: venue.configuration(mode: "live"), ["--keep-orders"])
        #expect(bot.hasFilled(2), bot.story)

        let balances = try bot.expect("balances")
        #expect(balances["source"].text == "venue")
        #expect(balances["balances"].list.isEmpty == false)
        #expect(try ask(bot, ["limits", "show"]).document()["limits"].list.count >= 17)
        #expect(try ask(bot, ["latency", "report"]).document()["stages"].list.count == 4)
        #expect(try bot.expect("why-not")["counts"].number == nil)
        #expect(try bot.expect("reconcile")["agrees"].flag == true)
        try changesALimit(bot)

        _ = bot.process.interrupt()
        let profit = try bot.expect("pnl", ["--by", "symbol"])
        #expect(profit["rows"].list.isEmpty == false)
        #expect(profit["total"].list.first?["fills"].number ?? 0 >= 2)
        let lines = try Document(
            exactly: try bot.ask("logs", ["--last", "500"]).output
        ).list
        #expect(lines.contains { $0["subject"].text == "fill" })
        #expect(lines.contains { $0["subject"].text == "limits" })
        #expect(try bot.ask("balances").status == 4)
        try readsTheJournal(bot)
    }

    /// What a bot that traded has left behind.
    private func readsTheJournal(_ bot: Bot) throws {
        let verified = try ask(bot, ["journal", "verify"])
        #expect(verified.status == 0, "\(verified.output)")
        let records = try verified.document()["records"].number ?? 0
        #expect(try verified.document()["is_whole"].flag == true && records > 20)
        let figures = try ask(bot, ["journal", "stat"]).document()
        #expect(figures["records"].number == records)
        let lines = try ask(bot, ["journal", "dump"]).document().list
        #expect(lines.count == Int(records))
        #expect(lines.contains { $0["says"]["evidence"].text == "fill" })
        let replay = try ask(bot, ["journal", "replay"]).document()
        #expect(replay["is_repeatable"].flag == true)
        #expect(replay["positions"].list.first?["fills"].number ?? 0 >= 2)
        let wrong = try ask(bot, ["journal", "dump", "--kind", "moon"])
        #expect(wrong.status == 2)
        let nowhere = try Program.run(
            ["journal", "stat", "--json", "--data-dir", "nowhere"], in: bot.folder)
        #expect(nowhere.status == 2)
        #expect(try nowhere.document()["error"].text?.contains("no journal") == true)
    }

    /// Options come behind the second word of these.
    private func ask(_ bot: Bot, _ words: [String]) throws -> Ended {
        try Program.run(words + ["-c", "bot.yaml", "--json"], in: bot.folder)
    }

    private func changesALimit(_ bot: Bot) throws {
        let limits = ["limits", "set", "max_open_orders"]
        let tighter = try ask(bot, limits + ["4", "--reason", "test"])
        #expect(tighter.status == 0, "\(tighter.output)")
        #expect(try tighter.document()["done"].flag == true)
        #expect(try ask(bot, limits + ["9", "--reason", "test"]).status == 3)
        #expect(try ask(bot, limits + ["9", "--reason", "test", "--yes"]).status == 0)
        #expect(try ask(bot, limits + ["0", "--reason", "test", "--yes"]).status == 3)
        #expect(try ask(bot, ["limits", "set", "max_moon", "1", "--reason", "x"]).status == 2)
        #expect(try ask(bot, limits + ["3"]).status == 2)
    }

    @Test("Without a bot and without a journal") func withoutABot() throws {
        let folder = try Folder()
        for command in [["balances"], ["reconcile"], ["limits", "show"], ["why-not"]] {
            let ended = try Program.run(
                command + ["--json", "--data-dir", "nowhere"], in: folder)
            #expect(ended.status == 4, "\(command)")
            #expect(try ended.document()["error"].text?.contains("no bot listens") == true)
        }
        let logs = try Program.run(["logs", "--json", "--data-dir", "nowhere"], in: folder)
        #expect(logs.status == 0 && logs.output == "[\n\n]\n")
        let follow = try Program.run(["logs", "--json", "--follow"], in: folder)
        #expect(follow.status == 2)
        let by = try Program.run(["pnl", "--by", "moon"], in: folder)
        #expect(by.status == 2)
    }
}
