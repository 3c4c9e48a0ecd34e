// PaperTests.swift — paper trading on the simulator's market, operated from the command line.
import Foundation
import Testing

extension CommandTests {
    @Suite("Paper trading") struct PaperTests {
        private let folder: Folder
        private let venue: Venue

        init() throws {
            folder = try Folder()
            venue = try Venue(in: folder)
        }

        private func start(_ arguments: [String] = []) throws -> Bot {
            // The file says live: `--mode paper` must win, and need no key.
            let text = venue.configuration(mode: "live")
            return try Bot(in: folder, configuration: text, ["--mode", "paper"] + arguments)
        }

        @Test("Fills without a key, and says how they were matched") func fills() throws {
            let bot = try start()
            #expect(bot.hasFilled(2), bot.story)
            let status = try bot.expect("status")
            #expect(status["mode"].text == "paper")
            #expect(status["match_mode"].text == "recorded")
            #expect(bot.process.interrupt() == 0, bot.story)
            let summary = try Document(exactly: bot.process.output)
            #expect(try #require(summary["fills"].number) > 0)
            #expect(summary["match_mode"].text == "recorded")
            #expect(summary["clean_shutdown"].flag == true)
            let account = try venue.account()
            for symbol in venue.symbols { #expect(account["orders"][symbol].list.isEmpty) }
        }

        @Test("Every command works on a bot that trades") func operates() throws {
            let bot = try start()
            #expect(bot.hasFilled(2), bot.story)
            try look(bot)
            try haltAndFlatten(bot)
            try resume(bot)
            let second = try Program.run(["run", "-c", "bot.yaml", "--mode", "paper"], in: folder)
            #expect(second.status == 75, "\(second.errors)")
            #expect(second.errors.contains("state"))
            #expect(try bot.ask("status").status == 0)
            #expect(bot.process.interrupt() == 0, bot.story)
            #expect(try bot.ask("status").status == 4)
        }

        private func look(_ bot: Bot) throws {
            let status = try bot.expect("status")
            #expect(status["trading"].text == "active" && status["ready"].flag == true)
            #expect(status["instruments"].list.map { $0["book"].text } == ["live", "live"])
            #expect(status["streams"].list.allSatisfy { $0["is_open"].flag == true })
            #expect(try bot.expect("orders", ["--all"]).list.count >= 2)
            let positions = try bot.expect("positions")
            #expect(positions.list.compactMap { $0["symbol"].text } == venue.symbols)
            let fills = try bot.expect("fills", ["--last", "2"])
            #expect(fills.list.count == 2)
            for fill in fills.list {
                #expect(try #require(fill["quantity"].units) > 0)
                #expect(fill["time"].text?.hasSuffix("Z") == true)
            }
            for command in ["status", "orders", "positions", "fills"] {
                let plain = try Program.run([command, "-c", "bot.yaml"], in: folder)
                #expect(plain.status == 0 && !plain.output.isEmpty, "\(command): \(plain.errors)")
            }
            let table = try Program.run(["orders", "-c", "bot.yaml", "--all"], in: folder)
            #expect(table.output.contains("client id") && table.output.contains("ema_cross"))
        }

        private func haltAndFlatten(_ bot: Bot) throws {
            let halt = try bot.expect("halt", ["--reason", "test"])
            #expect(halt["done"].flag == true && halt["open_orders"].number == 0)
            let status = try bot.expect("status")
            #expect(status["trading"].text == "halted")
            #expect(status["trading_reason"].text?.contains("test") == true)
            #expect(try bot.expect("orders").list.isEmpty)
            #expect(try bot.expect("cancel", ["--all"])["done"].flag == true)
            let refused = try bot.ask("flatten")
            let isFlat = try bot.expect("positions").list.allSatisfy { $0["quantity"].units == 0 }
            #expect(isFlat || refused.status == 3 || refused.status == 7, "\(refused.output)")
            #expect(isFlat || refused.output.contains("halted"))
            #expect(try bot.expect("reduce")["done"].flag == true)
            #expect(try bot.expect("status")["trading"].text == "reducing")
            let flatten = try bot.expect("flatten")
            #expect(flatten["done"].flag == true)
            // What is left may be worth less than the venue's smallest order.
            for position in try bot.expect("positions").list {
                #expect(abs(try #require(position["value"].units)) < 500_000_000)
            }
            let fills = try bot.expect("status")["counters"]["fills"].number
            Thread.sleep(forTimeInterval: 1)
            #expect(try bot.expect("status")["counters"]["fills"].number == fills)
        }

        private func resume(_ bot: Bot) throws {
            let before = try #require(try bot.expect("status")["counters"]["fills"].number)
            #expect(try bot.expect("resume")["done"].flag == true)
            #expect(bot.hasFilled(before + 1), bot.story)
        }

        @Test("A question about what is not there is answered, not obeyed") func wrongNames() throws
        {
            let bot = try start()
            #expect(bot.isReady(), bot.story)
            for (command, arguments, status) in [
                ("halt", ["--symbol", "NOSUCH"], 2), ("cancel", ["nonsense"], 2),
                ("cancel", ["1-999999"], 1), ("flatten", ["--symbol", ""], 2),
            ] as [(String, [String], Int32)] {
                let ended = try bot.ask(command, arguments)
                #expect(ended.status == status, "\(command) \(arguments): \(ended.output)")
                #expect(try !ended.document().keys.isEmpty)
            }
            #expect(try bot.expect("status")["trading"].text == "active")
        }

        @Test("An instrument can be halted alone") func haltsOne() throws {
            let bot = try start()
            #expect(bot.isReady(), bot.story)
            _ = try bot.expect("halt", ["--symbol", venue.symbols[0]])
            let status = try bot.expect("status")
            #expect(status["trading"].text == "active")
            #expect(
                status["instruments"].list.compactMap { $0["trading"].text } == [
                    "halted", "active",
                ])
        }

        @Test("Another user is turned away, even at an open door") func otherUser() throws {
            let nobody = "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\""
            let works =
                try Program.shell(nobody, [Program.path, "version"], in: folder).status == 0
            guard geteuid() == 0, works else {
                try Test.cancel("needs root, setpriv, and a program that everybody may start")
            }
            let bot = try start()
            #expect(bot.isReady(), bot.story)
            let command = [Program.path, "halt", "--data-dir", "\(folder.path)/state", "--json"]
            chmod(folder.path, 0o755)
            let closed = try Program.shell(nobody, command, in: folder)
            #expect(closed.status == 77, "\(closed.output)")
            // As if somebody had opened the folder: the bot asks the kernel who is calling.
            chmod("\(folder.path)/state", 0o755)
            chmod("\(folder.path)/state/admin.sock", 0o666)
            let open = try Program.shell(nobody, command, in: folder)
            #expect(open.status == 77, "\(open.output)")
            #expect(open.output.contains("only the owner"))
            #expect(try bot.expect("status")["trading"].text == "active")
        }
    }
}
