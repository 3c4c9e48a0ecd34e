// Configuration+YAML.swift — from the file's text to a configuration, or to all its problems.
import Core
import Foundation
import Risk
import Yams

extension Configuration {
    /// Reads `path`; every problem is reported at once. Relative paths count from its folder, also
    /// those in `overrides`: `key=value` as `--set` takes them, put over what the file says.
    public static func load(
        path: String, overrides: [String] = []
    ) throws(ConfigurationError) -> Configuration {
        var configuration = try parse(readText(path), file: path, overrides: overrides)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        configuration.dataDirectory = resolve(configuration.dataDirectory, folder)
        configuration.venue.caFile = configuration.venue.caFile.map { resolve($0, folder) }
        configuration.venue.budgetFile = configuration.venue.budgetFile.map { resolve($0, folder) }
        return configuration
    }

    /// The file's text as it stands.
    static func readText(_ path: String) throws(ConfigurationError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw single(
                path, "cannot be read", "Check the path, or write one with `needletail init`.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw single(path, "is not UTF-8 text", "Save it as UTF-8.")
        }
        return text
    }

    private static func resolve(_ path: String, _ folder: URL) -> String {
        path.hasPrefix("/") ? path : folder.appendingPathComponent(path).path
    }

    static func single(
        _ file: String, _ problem: String, _ mend: String
    ) -> ConfigurationError {
        ConfigurationError(problems: [
            ConfigurationProblem(file: file, line: 1, key: "(file)", problem: problem, mend: mend)
        ])
    }

    /// Parses text; `file` is for messages only.
    public static func parse(
        _ text: String, file: String, overrides: [String] = []
    ) throws(ConfigurationError) -> Configuration {
        var node = try compose(text, file: file)
        let settings = ConfigurationOverrides(overrides)
        settings.apply(to: &node)
        let reader = ConfigurationReader(file: file, node: node)
        let configuration = read(reader)
        let problems = settings.problems + reader.collected.map { settings.located($0) }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    static func compose(_ text: String, file: String) throws(ConfigurationError) -> Node {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw yamlProblem(error, file)
        }
        guard let node else { throw single(file, "is empty", "Name at least `instruments`.") }
        return node
    }

    private static func yamlProblem(_ error: any Error, _ file: String) -> ConfigurationError {
        var (line, problem) = (1, "is not YAML")
        var mend = "Mend the line; two spaces indent a nested key."
        switch error as? YamlError {
        case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _),
            .composer(_, let text, let mark, _):
            (line, problem) = (mark.line, "is not YAML: \(text)")
        case .reader(let text, let offset, _, let yaml):
            line += yaml.prefix(offset ?? 0).count(where: \.isNewline)
            problem = "is not YAML: \(text)"
        case .duplicatedKeysInMapping(let keys, let context):
            (line, mend) = (context.mark.line, "Keep one of them.")
            problem = "has a key twice in one mapping: \(keys.sorted().joined(separator: ", "))"
        default: break
        }
        return ConfigurationError(problems: [
            ConfigurationProblem(
                file: file, line: line, key: "(file)", problem: problem, mend: mend)
        ])
    }

    private static func read(_ reader: ConfigurationReader) -> Configuration {
        var out = Configuration()
        out.mode = reader.choice("mode", Mode.self) ?? out.mode
        out.dataDirectory = reader.text("data_dir") ?? out.dataDirectory
        out.symbols = readSymbols(reader)
        if let notify = reader.section("notify") { out.notify = NotifySettings.read(notify) }
        if let venue = reader.section("venue") { readVenue(venue, &out.venue) }
        if let strategy = reader.section("strategy") { readStrategy(strategy, &out.strategy) }
        if let limits = reader.section("limits") { readLimits(limits, &out) }
        if let paper = reader.section("paper") { readPaper(paper, &out.paper) }
        if let streams = reader.section("streams") { readStreams(streams, &out.streams) }
        if let lane = reader.section("lane") { readLane(lane, &out.lane) }
        if let watch = reader.section("watch") { readWatch(watch, &out.watch) }
        if let guardian = reader.section("guard") { out.guardian = GuardSettings.read(guardian) }
        if let orders = reader.section("orders") { readOrders(orders, &out) }
        if let reconcile = reader.section("reconcile") {
            out.reconcileSeconds =
                reconcile.integer("every_s", in: 0...86_400) ?? out.reconcileSeconds
            reconcile.refuseUnknownKeys()
        }
        out.keepTape = reader.flag("tape") ?? out.keepTape
        out.durability = reader.choice("durability", Durability.self) ?? out.durability
        out.groupMilliseconds =
            reader.integer("durability_group_ms", in: 1...1000) ?? out.groupMilliseconds
        reader.refuseUnknownKeys()
        checkWhole(reader, out)
        return out
    }

    private static func readSymbols(_ reader: ConfigurationReader) -> [String] {
        let symbols = reader.texts("instruments") ?? []
        for (index, symbol) in symbols.enumerated() {
            let isPlain = symbol.allSatisfy { $0.isASCII && ($0.isNumber || $0.isUppercase) }
            if !isPlain || symbol.isEmpty || symbol.count > 23 {
                reader.report(
                    nil, "instruments", "\"\(symbol)\" is not a symbol",
                    "Write it as the venue does, such as BTCUSDT.")
            }
            if symbols[..<index].contains(symbol) {
                reader.report(nil, "instruments", "\(symbol) is listed twice", "Remove one.")
            }
        }
        return symbols
    }

    private static func readVenue(_ reader: ConfigurationReader, _ venue: inout VenueSettings) {
        enum Name: String, CaseIterable { case binance }
        venue.name = reader.choice("name", Name.self)?.rawValue ?? venue.name
        venue.environment =
            reader.choice("environment", VenueEnvironment.self) ?? venue.environment
        venue.account = reader.text("account")
        venue.restURL = reader.text("rest_url")
        venue.streamURL = reader.text("ws_url")
        venue.orderURL = reader.text("ws_api_url")
        venue.caFile = reader.text("ca_file")
        venue.budgetFile = reader.text("budget_file")
        venue.budgetPercent = reader.integer("budget_percent", in: 1...100) ?? venue.budgetPercent
        reader.refuseUnknownKeys()
        let isSimulator = venue.environment == .simulator
        let given = [venue.restURL, venue.streamURL, venue.orderURL, venue.caFile]
        if isSimulator, given.contains(nil) {
            reader.report(
                nil, "venue", "a simulator needs rest_url, ws_url, ws_api_url and ca_file",
                "`needletail sim serve` prints them.")
        }
        if !isSimulator, given.contains(where: { $0 != nil }) {
            reader.report(
                nil, "venue", "URLs and ca_file belong to environment: simulator only",
                "Remove them, or write `environment: simulator`.")
        }
    }

    private static func readStrategy(
        _ reader: ConfigurationReader, _ strategy: inout StrategySettings
    ) {
        enum Name: String, CaseIterable { case ema_cross }
        strategy.name = reader.choice("name", Name.self)?.rawValue ?? strategy.name
        strategy.fast = Int(reader.integer("fast", in: 1...100_000) ?? Int64(strategy.fast))
        strategy.slow = Int(reader.integer("slow", in: 2...100_000) ?? Int64(strategy.slow))
        strategy.sampleMilliseconds =
            reader.integer("sample_ms", in: 1...86_400_000) ?? strategy.sampleMilliseconds
        strategy.value = reader.money("value") ?? strategy.value
        strategy.slippagePPM =
            reader.integer("slippage_ppm", in: 0...100_000) ?? strategy.slippagePPM
        reader.refuseUnknownKeys()
        if strategy.fast >= strategy.slow {
            reader.report(
                nil, "strategy.fast", "must be below strategy.slow",
                "The fast average has the shorter period.")
        }
    }

    private static func readLimits(_ reader: ConfigurationReader, _ out: inout Configuration) {
        if let account = reader.section("account") { readAccount(account, &out.account) }
        for (symbol, section) in reader.sections(except: ["account"]) {
            var policy = InstrumentPolicy()
            readInstrument(section, &policy)
            if symbol == "default" {
                out.defaultLimits = policy
            } else {
                out.instruments[symbol] = policy
            }
        }
    }

    private static func readAccount(_ reader: ConfigurationReader, _ account: inout AccountPolicy) {
        account.maxGrossValue = reader.money("max_gross_value")
        account.maxOpenValue = reader.money("max_open_value")
        account.maxDailyLoss = reader.money("max_daily_loss")
        account.maxOpenOrders = reader.integer("max_open_orders", in: 1...4000).map { Int($0) }
        account.maxOrdersPerSecond =
            reader.integer("max_orders_per_second", in: 1...1000).map { Int($0) }
        account.duplicateWindowMilliseconds =
            reader.integer("duplicate_window_ms", in: 0...60_000)
            ?? account.duplicateWindowMilliseconds
        account.maxRejects = Int(
            reader.integer("max_rejects", in: 1...1000) ?? Int64(account.maxRejects))
        account.weightPerMinute =
            reader.integer("weight_per_minute", in: 100...100_000) ?? account.weightPerMinute
        account.weightReserve =
            reader.integer("weight_reserve", in: 0...50_000) ?? account.weightReserve
        reader.refuseUnknownKeys()
    }

    private static func readInstrument(
        _ reader: ConfigurationReader, _ policy: inout InstrumentPolicy
    ) {
        policy.maxOrder = reader.quantity("max_order")
        policy.maxPosition = reader.quantity("max_position")
        policy.maxOrderValue = reader.money("max_order_value")
        policy.collar = reader.fraction("collar", in: 0.0001...0.5) ?? policy.collar
        policy.emergencyCollar =
            reader.fraction("emergency_collar", in: 0.001...0.9) ?? policy.emergencyCollar
        policy.maxAgeMilliseconds =
            reader.integer("max_age_ms", in: 10...60_000) ?? policy.maxAgeMilliseconds
        policy.emergencyMaxAgeMilliseconds =
            reader.integer("emergency_max_age_ms", in: 1000...86_400_000)
            ?? policy.emergencyMaxAgeMilliseconds
        policy.maxSilenceMilliseconds =
            reader.integer("max_silence_ms", in: 0...600_000) ?? policy.maxSilenceMilliseconds
        policy.allowShort = reader.flag("allow_short") ?? policy.allowShort
        reader.refuseUnknownKeys()
    }

    private static func readPaper(_ reader: ConfigurationReader, _ paper: inout PaperSettings) {
        paper.latencyMilliseconds =
            reader.integer("latency_ms", in: 0...10_000) ?? paper.latencyMilliseconds
        paper.makerFee = reader.fraction("maker_fee", in: 0...0.1) ?? paper.makerFee
        paper.takerFee = reader.fraction("taker_fee", in: 0...0.1) ?? paper.takerFee
        reader.refuseUnknownKeys()
    }

    private static func readStreams(
        _ reader: ConfigurationReader, _ streams: inout StreamSettings
    ) {
        streams.standby = reader.flag("standby") ?? streams.standby
        streams.renewAfterSeconds =
            reader.integer("renew_after_s", in: 0...86_400) ?? streams.renewAfterSeconds
        reader.refuseUnknownKeys()
    }

    private static func readLane(_ reader: ConfigurationReader, _ lane: inout LaneSettings) {
        lane.spin = reader.flag("spin") ?? lane.spin
        lane.waitMicroseconds = reader.integer("wait_us", in: 1...10_000) ?? lane.waitMicroseconds
        lane.cpu = reader.integer("cpu", in: 0...1023).map { Int32($0) }
        reader.refuseUnknownKeys()
    }

    private static func readWatch(_ reader: ConfigurationReader, _ watch: inout WatchSettings) {
        watch.namesSeconds = reader.integer("names_s", in: 1...86_400) ?? watch.namesSeconds
        watch.clockSeconds = reader.integer("clock_s", in: 1...3_600) ?? watch.clockSeconds
        watch.rulesSeconds = reader.integer("rules_s", in: 1...86_400) ?? watch.rulesSeconds
        watch.clockReduceMilliseconds =
            reader.integer("clock_reduce_ms", in: 10...10_000) ?? watch.clockReduceMilliseconds
        watch.clockHaltMilliseconds =
            reader.integer("clock_halt_ms", in: 10...60_000) ?? watch.clockHaltMilliseconds
        reader.refuseUnknownKeys()
        if watch.clockHaltMilliseconds <= watch.clockReduceMilliseconds {
            reader.report(
                nil, "watch.clock_halt_ms", "must be above watch.clock_reduce_ms",
                "First only exits, then nothing.")
        }
    }

    private static func readOrders(_ reader: ConfigurationReader, _ out: inout Configuration) {
        out.replyTimeoutMilliseconds =
            reader.integer("reply_timeout_ms", in: 100...60_000) ?? out.replyTimeoutMilliseconds
        out.absenceGapMilliseconds =
            reader.integer("absence_gap_ms", in: 100...600_000) ?? out.absenceGapMilliseconds
        out.queueMilliseconds =
            reader.integer("queue_ms", in: 0...5000) ?? out.queueMilliseconds
        reader.refuseUnknownKeys()
    }

    private static func checkWhole(_ reader: ConfigurationReader, _ out: Configuration) {
        if out.symbols.isEmpty {
            reader.report(
                nil, "instruments", "names nothing to trade", "Write `instruments: [BTCUSDT]`.")
        }
        for symbol in out.instruments.keys.sorted() where !out.symbols.contains(symbol) {
            reader.report(
                nil, "limits.\(symbol)", "is not among the instruments",
                "Add it there, or remove its limits.")
        }
    }
}
