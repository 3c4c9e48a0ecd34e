// ConfigurationFuzzTests.swift — a configuration changed by a seed: named problems or a valid
// value, never a trap, never a bad number as an amount.
import Core
import Foundation
import Risk
import TestKit
import Testing

@testable import Bot

@Suite("Configuration by a seed") struct ConfigurationFuzzTests {
    private static let rounds = 1500
    private static let sample = """
        mode: paper
        data_dir: state
        instruments: [BTCUSDT, ETHUSDT]
        venue:
          name: binance
          environment: testnet
        strategy:
          fast: 3
          slow: 9
          value: 12.5
        limits:
          account:
            max_gross_value: 5001
            max_open_value: 2002
            max_daily_loss: 100.25
            max_open_orders: 4
          default:
            max_order: 0.51
            max_position: 1.01
            max_order_value: 503
          ETHUSDT:
            max_order: 2.5
            collar: 0.02
            allow_short: true
        paper:
          maker_fee: 0.0002
        tape: false
        """
    private static let amounts = [
        "12.5", "5001", "2002", "100.25", "0.51", "1.01", "503", "2.5",
    ]

    /// Nil: refused, with problems that say what to do.
    private func parse(_ text: String) -> Configuration? {
        do throws(ConfigurationError) {
            return try Configuration.parse(text, file: "bot.yaml")
        } catch {
            #expect(!error.problems.isEmpty)
            #expect(error.problems.allSatisfy { !$0.problem.isEmpty && !$0.mend.isEmpty })
            return nil
        }
    }

    private func check(_ configuration: Configuration) {
        let account = configuration.account
        let amounts = [
            configuration.strategy.value, account.maxGrossValue, account.maxOpenValue,
            account.maxDailyLoss,
        ]
        #expect(amounts.allSatisfy { $0.map { $0 > .zero } ?? true })
        #expect(configuration.strategy.fast < configuration.strategy.slow)
        #expect(!configuration.symbols.isEmpty)
    }

    @Test("The sample is good") func sample() throws {
        check(try #require(parse(Self.sample)))
    }

    @Test("Changed files give problems or a valid configuration") func changed() {
        var mutator = Mutator(seed: 11)
        for _ in 0..<Self.rounds {
            let bytes = mutator.mutate(Array(Self.sample.utf8))
            if let found = parse(String(decoding: bytes, as: UTF8.self)) { check(found) }
        }
    }

    @Test("A file cut at any byte gives problems or a valid configuration") func cut() {
        for length in 0..<Self.sample.utf8.count {
            let text = String(decoding: Self.sample.utf8.prefix(length), as: UTF8.self)
            if let found = parse(text) { check(found) }
        }
    }

    @Test("No bad number is taken as an amount", arguments: amounts) func badNumbers(
        _ amount: String
    ) {
        for text in Mutator.badNumbers {
            let changed = Self.sample.replacing(": \(amount)\n", with: ": \"\(text)\"\n")
            #expect(changed != Self.sample)
            #expect(parse(changed) == nil, "\(amount) as \"\(text)\"")
        }
    }

    @Test("Deep nesting, names twice and bombs of aliases are refused")
    func odd() {
        let bomb = (1...20).map { level in
            let names = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            return "a\(level): &a\(level) [\(names)]"
        }
        for text in [
            "instruments: " + String(repeating: "[", count: 50_000),
            String(repeating: "{a: ", count: 5_000),
            "mode: paper\nmode: live\ninstruments: [BTCUSDT]",
            "a0: &a0 x\n" + bomb.prefix(4).joined(separator: "\n"),
            "instruments: *nowhere", "\u{feff}", "--- \n--- \n", "!!binary x",
        ] { #expect(parse(text) == nil) }
    }
}
