// SetupConfigurationTests.swift — the file that `init` writes, `--set`, and what `config` shows.
import Core
import Foundation
import Risk
import Testing

@testable import Bot

private func problems(_ text: String, set overrides: [String] = []) -> [ConfigurationProblem] {
    do throws(ConfigurationError) {
        _ = try Configuration.parse(text, file: "f.yaml", overrides: overrides)
        return []
    } catch {
        return error.problems
    }
}

private let small = "instruments: [BTCUSDT]\n"

@Suite("Configuration template") struct SetupTemplateTests {
    @Test("Is valid as it stands, for paper trading, with every limit set") func isValid() throws {
        let configuration = try Configuration.parse(ConfigurationTemplate.yaml, file: "f")
        #expect(configuration.mode == .paper)
        #expect(configuration.unsetLimits.isEmpty)
        #expect(!configuration.symbols.isEmpty)
    }

    @Test("Explains exactly the keys that are known") func explainsAll() throws {
        let configuration = try Configuration.parse(small, file: "f")
        let shown = configuration.effective.leaves.filter { !$0.hasPrefix("limits.BTCUSDT") }
        #expect(Set(shown) == Set(ConfigurationKey.all.map(\.path)))
        #expect(shown.count == ConfigurationKey.all.count)
    }

    @Test(
        "Explains what the reader reads",
        arguments: [
            "", "venue", "strategy", "limits.account", "limits.default", "paper", "streams", "lane",
            "orders", "reconcile",
        ])
    func agreesWithReader(section: String) throws {
        let key = section.isEmpty ? "nonsense" : "\(section).nonsense"
        let mend = try #require(problems(small, set: ["\(key)=1"]).first).mend
        let known = mend.replacing("Known here: ", with: "").dropLast().components(
            separatedBy: ", ")
        let depth = section.isEmpty ? 0 : section.split(separator: ".").count
        let explained = ConfigurationKey.all.map(\.path).filter {
            section.isEmpty || $0.hasPrefix(section + ".")
        }.map { String($0.split(separator: ".")[depth]) }
        #expect(Set(known) == Set(explained))
    }

    @Test("Writes the values that hold anyway, where it names a default") func namesDefaults()
        throws
    {
        let plain = try Configuration.parse(small, file: "f").effective
        for key in ConfigurationKey.all {
            guard let standard = key.standard, key.isWritten else { continue }
            #expect(key.value == standard, "\(key.path)")
            let set = try Configuration.parse(
                small, file: "f", overrides: ["\(key.path)=\(standard)"])
            #expect(set.effective == plain, "\(key.path)")
        }
    }

    @Test("Stays within a hundred columns and explains each key") func isReadable() {
        let lines = ConfigurationTemplate.yaml.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        for key in ConfigurationKey.all { #expect(key.meaning.hasSuffix("."), "\(key.path)") }
    }

    @Test("Uncommented, every key that needs no simulator is accepted") func commentedKeys() throws
    {
        for key in ConfigurationKey.all where !key.isWritten {
            let needsSimulator =
                key.path.hasPrefix("venue.")
                && !["venue.account", "venue.budget_file"].contains(key.path)
            let found = problems(ConfigurationTemplate.yaml, set: ["\(key.path)=\(key.value)"])
            #expect(found.isEmpty != needsSimulator, "\(key.path): \(found)")
        }
    }
}

@Suite("Configuration overrides") struct SetupOverrideTests {
    @Test("A value given goes over the file's, nested and new ones as well") func overrides() throws
    {
        let configuration = try Configuration.parse(
            small + "strategy: {fast: 3}\n", file: "f",
            overrides: [
                "strategy.fast=5", "limits.account.max_open_orders=7", "tape=false",
                "instruments=[ETHUSDT, BTCUSDT]", "limits.BTCUSDT.max_order=0.5",
            ])
        #expect(configuration.strategy.fast == 5)
        #expect(configuration.account.maxOpenOrders == 7)
        #expect(!configuration.keepTape)
        #expect(configuration.symbols == ["ETHUSDT", "BTCUSDT"])
        #expect(configuration.policy("BTCUSDT").maxOrder == "0.5")
    }

    @Test("The last of two wins; null takes the default") func lastWins() throws {
        let configuration = try Configuration.parse(
            small + "strategy: {slow: 90}\n", file: "f",
            overrides: ["strategy.fast=5", "strategy.fast=6", "strategy.slow=null"])
        #expect(configuration.strategy.fast == 6)
        #expect(configuration.strategy.slow == StrategySettings().slow)
    }

    @Test(
        "A bad one is told by its place among the options",
        arguments: [
            (["tape=true", "strategy.fast=x"], 2, "strategy.fast", "whole number"),
            (["nonsense"], 1, "nonsense", "not key=value"),
            (["=3"], 1, "(option)", "not key=value"), (["a..b=3"], 1, "a..b", "not key=value"),
            (["strategy.fsat=3"], 1, "strategy.fsat", "not a known key"),
            (["venue.environment=moon"], 1, "venue.environment", "moon"),
            (["strategy=3"], 1, "strategy", "must be a mapping"),
            (["instruments=[A"], 1, "instruments", "no readable value"),
            (["strategy.fast="], 1, "strategy.fast", "no readable value"),
        ])
    func locates(set: [String], line: Int, key: String, word: String) {
        let found = problems(small, set: set)
        #expect(found.first?.file == "--set" && found.first?.line == line, "\(found)")
        #expect(found.first?.key == key, "\(found)")
        #expect(found.first?.problem.contains(word) == true, "\(found)")
    }

    @Test("Problems of the file keep their line") func keepsLines() {
        let found = problems(small + "lane: {wait_us: huge}\n", set: ["strategy.fast=x"])
        #expect(Set(found.map { "\($0.file):\($0.line)" }) == ["f.yaml:2", "--set:1"])
    }
}

@Suite("Configuration listing") struct SetupListingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("The effective configuration reads back as itself") func roundTrip() throws {
        let file = folder.write(
            "f.yaml", "instruments: [BTCUSDT]\ndata_dir: \"a folder: with \\\"signs\\\"\"\n".utf8)
        let first = try ConfigurationListing.effective(file: file)
        let again = folder.write("g.yaml", first.text.utf8)
        #expect(
            try ConfigurationListing.effective(file: again).configuration == first.configuration)
        #expect(first.text.contains("a folder: with"))
    }

    @Test("As JSON, symbols keep their case and amounts are texts") func json() throws {
        let file = folder.write(
            "f.yaml", (small + "limits: {BTCUSDT: {max_order_value: 20, max_order: 0.5}}").utf8)
        let data = try JSONText.encode(try ConfigurationListing.effective(file: file))
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"BTCUSDT\":{"))
        #expect(text.contains("\"max_order_value\":\"20.00000000\""))
        #expect(text.contains("\"max_order\":\"0.5\""))
        #expect(text.contains("\"fast\":8"))
    }

    @Test("As written, what looks like a secret is masked") func masks() {
        let text = """
            # api_secret: abcd1234
            telegram_token: "123:abc"
            tape: true
            url: https://me:hush@charts.invalid/x
            secret:
            """
        let shown = ConfigurationListing.masked(text)
        #expect(!shown.contains("abcd") && !shown.contains("123:abc") && !shown.contains("hush"))
        #expect(
            shown.contains("tape: true") && shown.contains("https://***@charts.invalid/x"),
            "\(shown)")
        #expect(shown.hasSuffix("secret:"))
    }

    @Test("A check names limits that live trading misses") func liveCheck() {
        let file = folder.write("f.yaml", small.utf8)
        #expect(ConfigurationCheck.of(file: file).valid)
        let live = ConfigurationCheck.of(file: file, overrides: ["mode=live"])
        #expect(!live.valid)
        #expect(live.errors.map(\.key).contains("limits.BTCUSDT.max_order"))
        #expect(live.errors.allSatisfy { $0.file == file && !$0.mend.isEmpty })
    }

    @Test("A missing file is one problem") func missingFile() {
        let check = ConfigurationCheck.of(file: folder.path + "/none.yaml")
        #expect(check.errors.count == 1 && !check.valid)
        #expect(check.errors.first?.mend.contains("needletail init") == true)
    }
}
