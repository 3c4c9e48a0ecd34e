// SetupCanaryTests.swift — a key is looked for in everything that a run wrote.
import Foundation
import Testing

extension CommandTests {
    @Suite("Canary") struct SetupCanaryTests {
        private let folder: Folder
        /// Beside the bot's: what the venue keeps is not ours to hide.
        private let venueFolder: Folder

        init() throws {
            folder = try Folder()
            venueFolder = try Folder()
        }

        /// Files under the bot's folder, `.env` apart, that give `secret` away: plain, hexadecimal,
        /// base64 at any alignment, or its first twelve characters.
        private func leaks(of secret: String) throws -> [String] {
            let bytes = Array(secret.utf8)
            let hex = bytes.map { String(format: "%02x", $0) }.joined()
            var forms = [secret, String(secret.prefix(12)), hex, hex.uppercased()]
            for shift in 0..<3 {
                let text = Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString()
                forms.append(String(text.dropFirst(4).dropLast(4)))
            }
            let list = try venueFolder.write("forms", forms.joined(separator: "\n") + "\n")
            let found = try Program.shell(
                "grep -rlaF -f \"$0\" . | grep -vx ./.env", [list], in: folder)
            return found.output.split(separator: "\n").map(String.init)
        }

        /// Unpacks the bundle too, so that the search sees inside.
        private func bundle() throws {
            let ended = try Program.run(
                [
                    "support", "bundle", "-c", "bot.yaml", "--out", "b.tar.gz", "--with-journal",
                    "--json",
                ], in: folder)
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(try Program.shell("tar xzf b.tar.gz", [], in: folder).status == 0)
        }

        @Test("The search finds a key that is there") func positiveControl() throws {
            let secret = "Canary0123456789abcdefghijklmnopqrstuvwxyz"
            for (index, text) in [
                secret, Data("xx\(secret)yy".utf8).base64EncodedString(),
                secret.utf8.map { String(format: "%02x", $0) }.joined(),
            ].enumerated() {
                try folder.write("f", text)
                #expect(try leaks(of: secret) == ["./f"], "form \(index)")
            }
            try folder.write("f", "nothing")
            try folder.write(".env", secret)
            #expect(try leaks(of: secret).isEmpty)
        }

        @Test("A run with the venue's key writes none of it", arguments: [false, true])
        func rightKey(usesEd25519: Bool) throws {
            let venue = try Venue(in: venueFolder)
            let key = usesEd25519 ? venue.ed25519EnvironmentFile : venue.environmentFile
            let environment = key.replacing(
                "KEY_FILE=", with: "KEY_FILE=\(venueFolder.path)/")
            try folder.write(
                ".env",
                venue.details["ed25519_key_file"].text?.hasPrefix("/") == true ? key : environment)
            let bot = try Bot(in: folder, configuration: venue.configuration(mode: "live"))
            #expect(bot.hasFilled(2), bot.story)
            for command in ["status", "orders", "fills", "halt"] { _ = try bot.ask(command) }
            try bundle()
            #expect(bot.process.interrupt() == 0, bot.story)
            let secrets =
                usesEd25519
                ? [venue.details["ed25519_api_key"].text, try pemBody(venue)]
                : [venue.details["api_key"].text, venue.details["api_secret"].text]
            for secret in secrets {
                #expect(try leaks(of: #require(secret)) == [])
            }
        }

        private func pemBody(_ venue: Venue) throws -> String {
            let path = try #require(venue.details["ed25519_key_file"].text)
            let file = path.hasPrefix("/") ? path : "\(venueFolder.path)/\(path)"
            let data = try #require(FileManager.default.contents(atPath: file))
            // Every key begins alike; what follows is the secret.
            return String(decoding: data, as: UTF8.self).split(separator: "\n")
                .filter { !$0.hasPrefix("-----") }.joined().suffix(40).description
        }

        @Test("A run with a wrong key, which the venue refuses, writes none of it") func wrongKey()
            throws
        {
            let venue = try Venue(in: venueFolder)
            let key = "CanaryKey" + String(UUID().uuidString.replacing("-", with: "")) + "x7Qz"
            let secret = "CanarySecret" + String(UUID().uuidString.replacing("-", with: "")) + "k9"
            try folder.write(".env", "BINANCE_API_KEY=\(key)\nBINANCE_API_SECRET=\(secret)\n")
            let bot = try Bot(in: folder, configuration: venue.configuration(mode: "live"))
            #expect(
                eventually(within: 10) { bot.process.errors.contains("-201") }, bot.story)
            _ = try bot.ask("status")
            try bundle()
            _ = bot.process.interrupt()
            #expect(try leaks(of: key) == [])
            #expect(try leaks(of: secret) == [])
        }

        @Test("The bot's memory is its own: no core file, not dumpable") func noCore() throws {
            let venue = try Venue(in: venueFolder)
            try folder.write(".env", venue.environmentFile)
            let script =
                "ulimit -c unlimited 2>/dev/null; echo $$ > pid; exec \"$0\" run -c bot.yaml --json"
            try folder.write("bot.yaml", venue.configuration(mode: "live"))
            // Swift's own crash reports would catch the signal; the kernel is the subject.
            let bot = try Running(
                ["-c", script, Program.path], in: folder,
                environment: ["SWIFT_BACKTRACE": "enable=no"], executable: "/bin/sh")
            #expect(
                eventually(within: 20) {
                    (try? Program.run(["status", "-c", "bot.yaml"], in: folder).status) == 0
                }, "\(bot.errors)")
            let limits = try Program.shell(
                "grep 'Max core file size  *0  *0 ' /proc/$(cat pid)/limits", [], in: folder)
            #expect(limits.status == 0, "\(limits.output)")
            bot.send(SIGABRT)
            #expect(bot.wait(10) == -SIGABRT)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!names.contains { $0.hasPrefix("core") })
        }
    }
}
