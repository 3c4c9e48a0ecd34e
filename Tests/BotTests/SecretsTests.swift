// SecretsTests.swift — keys come from private files only, and never show themselves.
import Foundation
import Testing

@testable import Bot

/// What reading keys came to, as text.
private func outcome(
    _ environment: [String: String] = [:], envFile: String? = nil
) -> (keys: VenueKeys?, problem: String?, exit: Int32) {
    do throws(BotError) {
        return (try Secrets.binance(environment: environment, envFile: envFile), nil, 0)
    } catch {
        return (nil, error.text, error.exitCode)
    }
}

@Suite("Secrets") struct SecretsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func env(_ text: String, mode: mode_t = 0o600) -> String {
        folder.write(".env", text.utf8, mode: mode)
    }

    @Test("Reads both keys from a private file") func readsFile() {
        let file = env("# mine\n\nBINANCE_API_KEY=k1\nBINANCE_API_SECRET=s=1\n")
        let keys = outcome(envFile: file).keys
        #expect(keys?.apiKey == "k1")
        #expect(keys?.hmacSecret?.reveal() == "s=1")
        #expect(keys?.ed25519 == nil)
    }

    @Test(
        "Reads the usual ways to write a line",
        arguments: [
            "BINANCE_API_KEY=k1\r\nBINANCE_API_SECRET=s1\r\n",
            "export BINANCE_API_KEY=k1\nexport BINANCE_API_SECRET=s1",
            "  BINANCE_API_KEY = k1  \n\tBINANCE_API_SECRET =s1\t\n",
            "BINANCE_API_KEY=\"k1\"\nBINANCE_API_SECRET='s1'\n",
            "BINANCE_API_KEY=old\nBINANCE_API_KEY=k1\nBINANCE_API_SECRET=s1\n",
        ])
    func readsLines(text: String) {
        let keys = outcome(envFile: env(text)).keys
        #expect(keys?.apiKey == "k1")
        #expect(keys?.hmacSecret?.reveal() == "s1")
    }

    @Test("Keeps a quote that belongs to the value") func keepsQuote() {
        let keys = outcome(envFile: env("BINANCE_API_KEY=k'1\nBINANCE_API_SECRET=\"s1\n")).keys
        #expect(keys?.apiKey == "k'1")
        #expect(keys?.hmacSecret?.reveal() == "\"s1")
    }

    @Test(
        "Names the line that is no assignment",
        arguments: ["A=1\nnonsense\n", "A=1\n=2\n", "A=1\nB C=2\n"])
    func namesLine(text: String) {
        let found = outcome(envFile: env(text))
        #expect(found.problem?.hasSuffix("/.env:2: write NAME=value") == true)
        #expect(found.exit == 2)
    }

    @Test(
        "Refuses a file that others can read", arguments: [0o644, 0o640, 0o604, 0o610] as [mode_t])
    func refusesOpenMode(mode: mode_t) {
        let file = env("BINANCE_API_KEY=k1\nBINANCE_API_SECRET=hush\n", mode: mode)
        let found = outcome(envFile: file)
        #expect(found.exit == 2)
        #expect(found.problem == "\(file) can be read by others; run: chmod 600 \(file)")
    }

    @Test("Refuses a link, even to a private file, and a dead one") func refusesLink() throws {
        folder.write("real", "BINANCE_API_KEY=k1\nBINANCE_API_SECRET=s1\n".utf8)
        for (name, target) in [("link", "real"), ("dead", "nowhere")] {
            let link = "\(folder.path)/\(name)"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "\(folder.path)/\(target)")
            #expect(outcome(envFile: link).problem?.contains("not a link") == true)
        }
    }

    @Test("Refuses what is no plain file, without waiting for it") func refusesPipe() {
        let pipe = "\(folder.path)/pipe"
        mkfifo(pipe, 0o600)
        #expect(outcome(envFile: pipe).exit == 2)
        #expect(outcome(envFile: folder.path).exit == 2)
    }

    @Test("Refuses bytes that are not UTF-8") func refusesBytes() {
        #expect(outcome(envFile: folder.write(".env", [0xFF, 0x3D, 0x31])).exit == 2)
    }

    @Test("No file and no variable is no key") func noKey() {
        let found = outcome(envFile: "\(folder.path)/none")
        #expect(found.keys == nil && found.problem == nil)
        #expect(outcome(["BINANCE_API_KEY": ""]).keys == nil)
    }

    @Test("A key without its secret is refused with the mend") func keyAlone() {
        let found = outcome(["BINANCE_API_KEY": "k1"])
        #expect(found.exit == 2)
        #expect(found.problem?.contains("BINANCE_API_SECRET or BINANCE_ED25519_KEY_FILE") == true)
    }

    @Test("The environment wins over the file") func environmentWins() {
        let file = env("BINANCE_API_KEY=k1\nBINANCE_API_SECRET=s1\n")
        let keys = outcome(["BINANCE_API_KEY": "k2"], envFile: file).keys
        #expect(keys?.apiKey == "k2")
        #expect(keys?.hmacSecret?.reveal() == "s1")
    }

    @Test("An Ed25519 key file must be private too") func keyFile() {
        let file = folder.write("key.pem", "PEM".utf8, mode: 0o644)
        let environment = ["BINANCE_API_KEY": "k1", "BINANCE_ED25519_KEY_FILE": file]
        #expect(outcome(environment).problem?.contains("chmod 600") == true)
        chmod(file, 0o600)
        #expect(outcome(environment).keys?.ed25519?.reveal() == "PEM")
        unlink(file)
        #expect(outcome(environment).problem?.contains(file) == true)
    }

    @Test("A secret prints as stars, however it is printed") func printsStars() {
        let keys = VenueKeys(apiKey: "k1", hmacSecret: Secret("hush"), ed25519: Secret("hush"))
        var dumped = ""
        dump(keys, to: &dumped)
        let texts = ["\(keys)", String(reflecting: keys), dumped, "\([keys.hmacSecret])"]
        for text in texts {
            #expect(text.contains("***"))
            #expect(!text.contains("hush"))
        }
    }
}
