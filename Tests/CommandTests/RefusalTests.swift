// RefusalTests.swift — what cannot start, and how that is said.
import Foundation
import Testing

extension CommandTests {
    @Suite("Refusals") struct RefusalTests {
        private let folder: Folder

        init() throws { folder = try Folder() }

        /// A run that must end by itself, in plain text and in JSON.
        private func expectRefusal(
            _ arguments: [String], status: Int32, says words: [String],
            at location: SourceLocation = #_sourceLocation
        ) throws {
            let plain = try Program.run(arguments, in: folder)
            let json = try Program.run(arguments + ["--json"], in: folder)
            let error = try json.document()["error"].text ?? ""
            #expect(plain.status == status, "\(plain.errors)", sourceLocation: location)
            #expect(json.status == status, sourceLocation: location)
            #expect(plain.output.isEmpty, sourceLocation: location)
            for word in words {
                #expect(plain.errors.contains(word), "\(plain.errors)", sourceLocation: location)
                #expect(error.contains(word), sourceLocation: location)
            }
        }

        @Test(
            "Without a bot every command ends with 4",
            arguments: [
                ["status"], ["orders"], ["positions"], ["fills"], ["halt"], ["resume"],
                ["cancel", "--all"], ["flatten"],
            ])
        func noBot(command: [String]) throws {
            try expectRefusal(
                command + ["--data-dir", "nowhere"], status: 4, says: ["nowhere/admin.sock"])
        }

        @Test("A broken configuration is told whole, with lines") func brokenConfiguration() throws
        {
            try folder.write(
                "bot.yaml",
                """
                mode: fast
                instruments: [BTCUSDT]
                strategy: {fast: -1}
                lane: {wait_us: huge}
                tpae: true
                """)
            for command in [["run"], ["status"]] {
                let arguments = command + ["-c", "bot.yaml"]
                try expectRefusal(
                    arguments, status: 2,
                    says: [
                        "bot.yaml:1: mode", "bot.yaml:3: strategy.fast", "bot.yaml:4: lane.wait_us",
                        "bot.yaml:5: tpae",
                    ])
                let json = try Program.run(arguments + ["--json"], in: folder)
                let errors = try json.document()["errors"].list
                #expect(errors.compactMap { $0["line"].number } == [1, 3, 4, 5])
                #expect(
                    errors.allSatisfy { $0.keys == ["file", "key", "line", "mend", "problem"] })
            }
        }

        @Test("A missing configuration is named") func missingConfiguration() throws {
            try expectRefusal(["run", "-c", "none.yaml"], status: 2, says: ["none.yaml"])
        }

        @Test("--mode live does not overrule the file") func liveNeedsFile() throws {
            try folder.write("bot.yaml", "instruments: [BTCUSDT]")
            try expectRefusal(
                ["run", "-c", "bot.yaml", "--mode", "live"], status: 3, says: ["mode: live in"])
        }

        private var live: String {
            """
            mode: live
            instruments: [SPXUSDT]
            venue:
              environment: simulator
              rest_url: https://127.0.0.1:9
              ws_url: wss://127.0.0.1:9
              ws_api_url: wss://127.0.0.1:9/ws-api/v3
              ca_file: ca.pem
            """
        }

        @Test("Live without a key is refused") func missingKey() throws {
            try folder.write("bot.yaml", live)
            try expectRefusal(
                ["run", "-c", "bot.yaml"], status: 2, says: ["BINANCE_API_KEY", "0600"])
        }

        @Test("A key file that others can read is refused") func openKeyFile() throws {
            try folder.write("bot.yaml", live)
            try folder.write(".env", "BINANCE_API_KEY=a\nBINANCE_API_SECRET=hush\n", mode: 0o644)
            try expectRefusal(["run", "-c", "bot.yaml"], status: 2, says: ["chmod 600", ".env"])
            let ended = try Program.run(["run", "-c", "bot.yaml"], in: folder)
            #expect(!ended.errors.contains("hush"))
        }

        @Test("Live with limits unset names them all") func unsetLimits() throws {
            try folder.write("bot.yaml", live)
            try folder.write(".env", "BINANCE_API_KEY=a\nBINANCE_API_SECRET=b\n")
            try expectRefusal(
                ["run", "-c", "bot.yaml"], status: 3,
                says: ["limits.account.max_daily_loss", "limits.SPXUSDT.max_order_value"])
        }

        @Test("A venue that is not there ends the start with 4") func unreachable() throws {
            try folder.write("bot.yaml", live)
            try expectRefusal(["run", "-c", "bot.yaml", "--mode", "paper"], status: 4, says: [])
        }

        @Test("A simulator elsewhere than on this machine is refused") func loopbackOnly() throws {
            let away = live.replacing("https://127.0.0.1:9", with: "https://198.51.100.1:443")
            try folder.write("bot.yaml", away)
            try expectRefusal(
                ["run", "-c", "bot.yaml", "--mode", "paper"], status: 3,
                says: ["rest_url", "loopback"])
        }

        @Test("A fault script with errors is told by line") func brokenFaults() throws {
            try folder.write("faults", "order 1 drop-reply\nsometimes 3 nonsense\norder 2 gap A\n")
            try expectRefusal(
                ["sim", "serve", "--port", "0", "--faults", "faults"], status: 2,
                says: ["line 2", "line 3"])
        }

        @Test("A recording that is none is refused") func brokenRecording() throws {
            try folder.write("noise.json", "nonsense\n")
            for name in ["noise.json", "none.json"] {
                try expectRefusal(
                    ["sim", "serve", "--port", "0", "--data", name], status: 2, says: [name])
                try expectRefusal(
                    ["demo", "--seconds", "1", "--data", name], status: 2, says: [name])
            }
        }
    }
}
