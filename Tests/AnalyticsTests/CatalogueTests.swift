// CatalogueTests.swift — what holds for every indicator there is.
import Foundation
import Testing

@testable import Analytics

@Suite("Every indicator") struct CatalogueTests {
    static let names = IndicatorCatalogue.all.map(\.name)
    static let bars = TestBars.walk(400, seed: 11)

    private func entry(_ name: String) throws -> IndicatorEntry {
        try IndicatorCatalogue.entry(name)
    }

    @Test("Has a name of its own, a file of its own, and is in the catalogue")
    func complete() throws {
        #expect(Set(Self.names).count == Self.names.count)
        #expect(Self.names.count >= 64)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Analytics/Indicators").standardized.path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.count == Self.names.count)
    }

    @Test("Says its warm-up truly: its first value comes after as many inputs", arguments: names)
    func warmUp(name: String) throws {
        let indicator = try entry(name).indicator()
        let lines = try entry(name).columns(over: Self.bars)
        #expect(lines.count == (try entry(name).lines.count))
        for line in lines {
            #expect(line.firstIndex { !$0.isNaN } == indicator.lookback)
            #expect(line[indicator.lookback...].allSatisfy { $0.isFinite })
        }
    }

    @Test("Later bars change no earlier value", arguments: names)
    func pastOnly(name: String) throws {
        let short = try entry(name).columns(over: Array(Self.bars.prefix(330)))
        let long = try entry(name).columns(over: Self.bars)
        for (part, whole) in zip(short, long) {
            #expect(part.map(\.bitPattern) == whole.prefix(330).map(\.bitPattern))
        }
    }

    @Test("A look ahead leaves it as it was", arguments: names)
    func peek(name: String) throws {
        let entry = try entry(name)
        let indicator = try entry.indicator()
        check(indicator, fields: entry.inputs)
    }

    private func check<Made: Indicator>(_ indicator: Made, fields: [BarField]) {
        var peeking = indicator
        var plain = indicator
        let odd = Made.Input(
            Bar(open: 50, high: 90, low: 40, close: 80, volume: 12_345), fields)
        for bar in Self.bars {
            let input = Made.Input(bar, fields)
            let seen = peeking.peek(input)
            _ = peeking.peek(odd)
            let value = peeking.update(input)
            let wanted = plain.update(input)
            for line in 0..<Made.Output.lines {
                #expect(seen?[line: line].bitPattern == wanted?[line: line].bitPattern)
                #expect(value?[line: line].bitPattern == wanted?[line: line].bitPattern)
            }
        }
    }

    @Test("Survives bars in which nothing moves or nothing is traded", arguments: names)
    func flat(name: String) throws {
        let still = Bar(open: 100, high: 100, low: 100, close: 100, volume: 0)
        let indicator = try entry(name).indicator()
        for line in try entry(name).columns(over: [Bar](repeating: still, count: 400)) {
            #expect(line[indicator.lookback...].allSatisfy { $0.isFinite })
        }
    }

    @Test(
        "Scaling all prices changes no oscillator",
        arguments: [
            "RSI", "CMO", "WILLR", "STOCH", "STOCHF", "ADX", "ADXR", "DX", "PLUS_DI", "MINUS_DI",
            "AROON",
            "ULTOSC", "ROC", "PPO", "TRIX", "NATR", "TSI", "VORTEX", "CCI", "BOP", "PARKINSON",
        ])
    func scale(name: String) throws {
        let scaled = Self.bars.map {
            Bar(
                open: $0.open * 8, high: $0.high * 8, low: $0.low * 8, close: $0.close * 8,
                volume: $0.volume)
        }
        for (ours, other) in zip(
            try entry(name).columns(over: Self.bars), try entry(name).columns(over: scaled))
        {
            for (value, same) in zip(ours, other) where !value.isNaN {
                #expect(abs(value - same) <= 1e-9 * max(1, abs(value)))
            }
        }
    }

    @Test(
        "A long series drifts away from no window",
        arguments: [
            "SMA", "WMA", "BBANDS", "VAR", "LINEARREG", "CORREL", "BETA", "CCI", "MFI", "ULTOSC",
            "SUM",
        ])
    func drift(name: String) throws {
        let long = TestBars.walk(20_000, seed: 3)
        let whole = try entry(name).columns(over: long)
        let fresh = try entry(name).columns(over: Array(long.suffix(200)))
        for (drifted, exact) in zip(whole, fresh) {
            let (value, wanted) = (drifted[drifted.count - 1], exact[exact.count - 1])
            #expect(abs(value - wanted) <= 1e-9 * max(1, abs(wanted)))
        }
    }

    @Test("Wrong names and numbers are refused by name")
    func refusals() {
        #expect(throws: IndicatorError.unknownIndicator("NOPE")) {
            try IndicatorCatalogue.entry("NOPE")
        }
        #expect(throws: IndicatorError.unknownParameter("days", of: "RSI", known: ["timeperiod"])) {
            try IndicatorCatalogue.entry("rsi").indicator(["days": 3])
        }
        let wanted = "a whole number from 1 to 100000"
        for given in [0, 1.5, -3, 1e9, .infinity] {
            #expect(
                throws: IndicatorError.outOfRange(
                    "timeperiod", of: "RSI", given: given, wanted: wanted)
            ) { try IndicatorCatalogue.entry("RSI").indicator(["timeperiod": given]) }
        }
        #expect(throws: IndicatorError.self) {
            try IndicatorCatalogue.entry("MA").indicator(["matype": 7])
        }
    }

    @Test("TA-Lib's functions are those that the reference file has")
    func reference() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../GoldenTests/reference/ta_walk_meta.json").standardized
        let meta = try String(contentsOf: path, encoding: .utf8)
        for entry in IndicatorCatalogue.all where entry.source.hasPrefix("TA-Lib ") {
            #expect(meta.contains("\"function\": \"\(entry.name)\""), "\(entry.name)")
        }
    }
}

/// Bars that wander, the same for a seed on every machine.
enum TestBars {
    static func walk(_ count: Int, seed: UInt64) -> [Bar] {
        var state = seed
        func next() -> Double {  // 0 ..< 1
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / 9_007_199_254_740_992
        }
        var close = 100.0
        return (0..<count).map { _ in
            let open = close * (1 + 0.01 * (next() - 0.5))
            close = max(open * (1 + 0.05 * (next() - 0.5)), 1)
            let high = max(open, close) * (1 + 0.01 * next())
            let low = min(open, close) * (1 - 0.01 * next())
            return Bar(open: open, high: high, low: low, close: close, volume: 1 + 1000 * next())
        }
    }
}
