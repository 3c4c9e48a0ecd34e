// ConfigurationTests.swift — a good file becomes values, a bad one all its problems at once.
import Core
import Foundation
import Risk
import Testing

@testable import Bot

/// Every problem of a file's text; empty when it is good.
private func problems(_ text: String) -> [ConfigurationProblem] {
    do throws(ConfigurationError) {
        _ = try Configuration.parse(text, file: "bot.yaml")
        return []
    } catch {
        return error.problems
    }
}

@Suite("Configuration") struct ConfigurationTests {
    private static let whole = """
        mode: live
        data_dir: state
        instruments: [BTCUSDT, ETHUSDT]
        venue:
          name: binance
          environment: testnet
        strategy:
          name: ema_cross
          fast: 3
          slow: 9
          sample_ms: 250
          value: 12.5
          slippage_ppm: 700
        limits:
          account:
            max_gross_value: 5000
            max_open_value: 2000
            max_daily_loss: 100.25
            max_open_orders: 4
            max_orders_per_second: 5
            duplicate_window_ms: 300
            max_rejects: 7
            weight_per_minute: 3000
            weight_reserve: 200
          default:
            max_order: 0.5
            max_position: 1
            max_order_value: 500
          ETHUSDT:
            max_order: "2"
            max_position: 3.25
            max_order_value: 900
            collar: 0.02
            emergency_collar: 0.1
            max_age_ms: 1500
            allow_short: true
        paper:
          latency_ms: 35
          maker_fee: 0.0002
          taker_fee: 0.0004
        lane:
          spin: true
          wait_us: 500
          cpu: 1
        orders:
          reply_timeout_ms: 900
          absence_gap_ms: 5000
          queue_ms: 120
        reconcile:
          every_s: 90
        tape: false
        durability: ring
        durability_group_ms: 7
        """

    @Test("Reads every key of a whole file") func readsWhole() throws {
        let read = try Configuration.parse(Self.whole, file: "bot.yaml")
        #expect(read.mode == .live)
        #expect(read.dataDirectory == "state")
        #expect(read.symbols == ["BTCUSDT", "ETHUSDT"])
        #expect(read.venue.environment == .testnet)
        #expect(read.strategy.fast == 3 && read.strategy.slow == 9)
        #expect(read.strategy.sampleMilliseconds == 250)
        #expect(read.strategy.value == Money(units: 1_250_000_000))
        #expect(read.strategy.slippagePPM == 700)
        #expect(read.paper.latencyMilliseconds == 35)
        #expect(read.paper.makerFee == 0.0002 && read.paper.takerFee == 0.0004)
        #expect(read.lane.spin && read.lane.waitMicroseconds == 500 && read.lane.cpu == 1)
        #expect(read.replyTimeoutMilliseconds == 900 && read.absenceGapMilliseconds == 5000)
        #expect(read.queueMilliseconds == 120 && read.reconcileSeconds == 90)
        #expect(!read.keepTape && read.durability == .ring && read.groupMilliseconds == 7)
    }

    @Test("Reads every limit of a whole file") func readsLimits() throws {
        let read = try Configuration.parse(Self.whole, file: "bot.yaml")
        #expect(read.account.maxGrossValue == Money(5000))
        #expect(read.account.maxOpenValue == Money(2000))
        #expect(read.account.maxDailyLoss == Money(units: 10_025_000_000))
        #expect(read.account.maxOpenOrders == 4 && read.account.maxOrdersPerSecond == 5)
        #expect(read.account.duplicateWindowMilliseconds == 300 && read.account.maxRejects == 7)
        #expect(read.account.weightPerMinute == 3000 && read.account.weightReserve == 200)
        let ether = read.policy("ETHUSDT")
        #expect(ether.maxOrder == "2" && ether.maxPosition == "3.25")
        #expect(ether.maxOrderValue == Money(900))
        #expect(ether.collar == 0.02 && ether.emergencyCollar == 0.1)
        #expect(ether.maxAgeMilliseconds == 1500 && ether.allowShort)
        #expect(read.policy("BTCUSDT").maxOrder == "0.5")
        #expect(!read.policy("BTCUSDT").allowShort)
        #expect(read.unsetLimits.isEmpty)
    }

    @Test("A name of one instrument is all that paper needs") func readsSmallest() throws {
        let read = try Configuration.parse("instruments: [BTCUSDT]", file: "bot.yaml")
        #expect(read.mode == .paper && read.symbols == ["BTCUSDT"])
        #expect(
            read.unsetLimits == [
                "limits.account.max_gross_value", "limits.account.max_open_value",
                "limits.account.max_daily_loss", "limits.account.max_open_orders",
                "limits.account.max_orders_per_second", "limits.BTCUSDT.max_order",
                "limits.BTCUSDT.max_position", "limits.BTCUSDT.max_order_value",
            ])
    }

    @Test("Tells every problem at once, in the order of the lines") func tellsAll() {
        let found = problems(
            """
            mode: fast
            instruments: [BTCUSDT, BTCUSDT]
            strategi: {}
            strategy:
              fast: nan
              value: -3
            limits:
              account:
                max_open_orders: 0
              DOGEUSDT:
                collar: 2
            tape: perhaps
            """)
        let seen = found.map { "\($0.line) \($0.key)" }
        #expect(
            Set(seen).isSuperset(of: [
                "1 mode", "3 strategi", "5 strategy.fast", "6 strategy.value",
                "9 limits.account.max_open_orders", "11 limits.DOGEUSDT.collar", "12 tape",
            ]))
        #expect(found.contains { $0.key == "instruments" && $0.problem.contains("twice") })
        #expect(found.contains { $0.key == "limits.DOGEUSDT" })
        #expect(found.count == 9)
        #expect(found.map(\.line) == found.map(\.line).sorted())
        #expect(found.allSatisfy { $0.file == "bot.yaml" && !$0.mend.isEmpty })
    }

    @Test("A problem reads as file:line: key: problem. Mend") func describes() {
        let found = problems("instruments: [BTCUSDT]\nmode: fast\n")
        #expect(
            found.map(\.description) == [
                "bot.yaml:2: mode: \"fast\" is not known. Write one of: paper, live."
            ])
    }

    /// A line in the place of `strategy:`'s values, and what is wrong with it.
    @Test(
        "Refuses numbers that are none, or beyond their range",
        arguments: [
            "fast: -1", "fast: 0", "fast: 1.5", "fast: nan", "fast: .inf", "fast: 1e3",
            "fast: 99999999999999999999999", "fast: [1]", "fast: {a: 1}", "fast: 0x10",
            "value: -1", "value: 0", "value: nan", "value: .inf", "value: 1e9", "value: x",
            "value: 99999999999999999999999", "value: 0.000000001", "value: [5]",
            "sample_ms: 0", "sample_ms: 86400001", "slippage_ppm: -5",
        ])
    func refusesNumber(line: String) {
        let found = problems("instruments: [BTCUSDT]\nstrategy:\n  \(line)\n")
        let key = line.prefix { $0 != ":" }
        #expect(found.count == 1)
        #expect(found.first?.key == "strategy.\(key)")
        #expect(found.first?.line == 3)
    }

    @Test(
        "Refuses fractions and quantities that are none",
        arguments: [
            "collar: nan", "collar: .inf", "collar: -0.1", "collar: 0.9", "collar: 0",
            "max_order: -1", "max_order: 0", "max_order: nan", "max_order: .inf",
            "max_order: 1e5", "max_order: 99999999999999999999", "max_position: [1]",
            "max_order_value: -5", "allow_short: 1", "max_age_ms: 60001",
            "emergency_max_age_ms: 999",
        ])
    func refusesLimit(line: String) {
        let found = problems("instruments: [BTCUSDT]\nlimits:\n  BTCUSDT:\n    \(line)\n")
        let key = line.prefix { $0 != ":" }
        #expect(found.map(\.key) == ["limits.BTCUSDT.\(key)"])
        #expect(found.first?.line == 4)
    }

    @Test("Names an unknown key with its line and the known ones") func namesUnknown() {
        let found = problems("instruments: [BTCUSDT]\nlane:\n  spin: true\n  wait: 3\n")
        #expect(found.map(\.key) == ["lane.wait"])
        #expect(found.first?.line == 4)
        #expect(found.first?.mend == "Known here: cpu, spin, wait_us.")
    }

    @Test("Refuses a file without instruments", arguments: ["mode: paper", "instruments: []"])
    func refusesNoInstruments(text: String) {
        #expect(problems(text).contains { $0.key == "instruments" })
    }

    @Test(
        "Refuses what is not a symbol",
        arguments: [
            "btcusdt", "\"BTC/USDT\"", "\"\"", "AVERYLONGSYMBOLNAMEOFMANYLETTERS", "BTCÜSDT",
        ])
    func refusesSymbol(text: String) {
        #expect(problems("instruments: [\(text)]").map(\.key) == ["instruments"])
    }

    @Test("A simulator needs its URLs") func simulatorNeedsURLs() {
        let found = problems("instruments: [A]\nvenue:\n  environment: simulator\n")
        #expect(found.map(\.key) == ["venue"])
        #expect(found.first?.problem.contains("rest_url") == true)
    }

    @Test("URLs without a simulator are refused") func urlsNeedSimulator() {
        let found = problems("instruments: [A]\nvenue:\n  rest_url: https://127.0.0.1:1\n")
        #expect(found.map(\.key) == ["venue"])
        #expect(found.first?.mend.contains("environment: simulator") == true)
    }

    @Test("The fast average must be faster", arguments: [(9, 9), (10, 9)])
    func fastBelowSlow(fast: Int, slow: Int) {
        let found = problems("instruments: [A]\nstrategy: {fast: \(fast), slow: \(slow)}")
        #expect(found.map(\.key) == ["strategy.fast"])
    }

    @Test(
        "A section must be a mapping",
        arguments: ["venue: binance", "limits: [1]", "strategy: 3", "lane: true"])
    func sectionIsMapping(line: String) {
        let found = problems("instruments: [A]\n\(line)\n")
        #expect(found.contains { $0.problem == "must be a mapping" && $0.line == 2 })
    }

    @Test("Limits of an instrument that is not traded are refused") func limitsOfStranger() {
        let found = problems("instruments: [A]\nlimits:\n  B:\n    max_order: 1\n")
        #expect(found.map(\.key) == ["limits.B"])
    }
}

@Suite("Configuration file") struct ConfigurationFileTests {
    private func failure(_ path: String) -> ConfigurationProblem? {
        do throws(ConfigurationError) {
            _ = try Configuration.load(path: path)
            return nil
        } catch {
            return error.problems.count == 1 ? error.problems.first : nil
        }
    }

    @Test(
        "A syntax error has its line",
        arguments: [
            ("instruments: [BTCUSDT\nmode: paper\n", 2), ("mode: paper\n\tinstruments: [A]\n", 2),
            ("mode: paper\nvenue:\n\tname: binance\n", 3), ("a: 'b\n", 2),
            ("mode: paper\n  x: 1\n", 2),
            ("mode: paper\nx: %\n", 2), ("mode: paper\nx: \u{1}\n", 2), ("x: *nobody\n", 1),
        ])
    func syntaxError(text: String, line: Int) throws {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.line == line)
        #expect(found.first?.problem.hasPrefix("is not YAML") == true)
    }

    @Test("A key that is written twice is named") func keyTwice() {
        let found = problems("instruments: [A]\nmode: paper\nmode: live\n")
        #expect(found.count == 1)
        #expect(found.first?.problem.contains("mode") == true)
        #expect(found.first?.mend == "Keep one of them.")
    }

    @Test("An empty file is a problem, not a crash", arguments: ["", "\n\n", "# only this\n", "~"])
    func empty(text: String) {
        #expect(problems(text).count == 1)
    }

    @Test("Deep nesting is a problem, not a crash") func deep() {
        #expect(!problems(String(repeating: "[", count: 100_000)).isEmpty)
        #expect(!problems(String(repeating: "a: {", count: 20_000)).isEmpty)
    }

    @Test("A missing file is named") func missing() throws {
        let folder = try TemporaryFolder()
        let found = failure("\(folder.path)/none.yaml")
        #expect(found?.file == "\(folder.path)/none.yaml")
        #expect(found?.problem == "cannot be read")
    }

    @Test("A folder in the file's place is named") func folderInPlace() throws {
        #expect(failure(try TemporaryFolder().path) != nil)
    }

    @Test("Bytes that are not UTF-8 are named") func notText() throws {
        let folder = try TemporaryFolder()
        let found = failure(folder.write("bot.yaml", [0x6D, 0xFF, 0xFE, 0x3A]))
        #expect(found?.problem == "is not UTF-8 text")
    }

    @Test("Relative paths count from the file's folder") func relativePaths() throws {
        let folder = try TemporaryFolder()
        let text = """
            instruments: [A]
            data_dir: state
            venue:
              environment: simulator
              rest_url: https://127.0.0.1:1
              ws_url: wss://127.0.0.1:1
              ws_api_url: wss://127.0.0.1:1/ws-api/v3
              ca_file: ca.pem
            """
        let read = try Configuration.load(path: folder.write("bot.yaml", text.utf8))
        #expect(read.dataDirectory == "\(folder.path)/state")
        #expect(read.venue.caFile == "\(folder.path)/ca.pem")
        let absolute = text.replacing("state", with: "/var/bot")
        let other = try Configuration.load(path: folder.write("other.yaml", absolute.utf8))
        #expect(other.dataDirectory == "/var/bot")
    }
}
