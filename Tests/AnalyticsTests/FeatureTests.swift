// FeatureTests.swift — features know the past alone, have no unit, and say what they should.
import Foundation
import Testing

@testable import Analytics

@Suite("Daily features") struct DailyFeatureTests {
    private func inputs(_ count: Int, scale: Double = 1, seed: UInt64 = 21) -> [DailyFeatures.Input]
    {
        let market = TestBars.walk(count, seed: 99)
        return TestBars.walk(count, seed: seed).enumerated().map { day, bar in
            DailyFeatures.Input(
                bar: Bar(
                    open: bar.open * scale, high: bar.high * scale, low: bar.low * scale,
                    close: bar.close * scale, volume: bar.volume / scale),
                market: market[day].close, weekday: day % 5 + 1, monthDay: day % 21 + 1,
                daysLeft: 20 - day % 21)
        }
    }

    private func features(_ inputs: [DailyFeatures.Input]) -> [[Double]?] {
        var features = DailyFeatures()
        return inputs.map { features.update($0) }
    }

    @Test("Begin after their warm-up, all of them, finite") func warmUp() {
        let rows = features(inputs(400))
        #expect(rows.firstIndex { $0 != nil } == DailyFeatures.warmUp)
        for row in rows.dropFirst(DailyFeatures.warmUp) {
            #expect(row?.count == DailyFeatures.names.count)
            #expect(row?.allSatisfy { $0.isFinite } == true)
        }
        #expect(Set(DailyFeatures.names).count == DailyFeatures.names.count)
    }

    @Test("What comes later changes no feature, wherever the past is cut") func pastOnly() {
        let all = inputs(400)
        let whole = features(all)
        for cut in stride(from: 253, to: 400, by: 3) {
            var changed = Array(all[..<cut])
            changed += inputs(400, seed: 4711)[cut...]
            let other = features(changed)
            for row in 0..<cut {
                #expect(other[row]?.map(\.bitPattern) == whole[row]?.map(\.bitPattern))
            }
        }
    }

    @Test("Ten times the price at a tenth of the volume is the same symbol") func unitless() {
        for (row, other) in zip(features(inputs(320)), features(inputs(320, scale: 8))) {
            guard let row, let other else { continue }
            for (name, (value, same)) in zip(DailyFeatures.names, zip(row, other)) {
                #expect(abs(value - same) < 1e-8 * max(1, abs(value)), "\(name)")
            }
        }
    }

    @Test("Survive a symbol that does not move and is not traded") func still() {
        let bar = Bar(open: 5, high: 5, low: 5, close: 5, volume: 0)
        let input = DailyFeatures.Input(
            bar: bar, market: 100, weekday: 3, monthDay: 1, daysLeft: 20)
        let rows = features([DailyFeatures.Input](repeating: input, count: 300))
        #expect(rows.last??.allSatisfy { $0.isFinite } == true)
    }

    @Test("Some, by hand") func byHand() throws {
        let all = inputs(300)
        let row = try #require(features(all)[299])
        func value(_ name: String) -> Double { row[DailyFeatures.names.firstIndex(of: name)!] }
        let closes = all.map(\.bar.close)
        #expect(abs(value("return_5") - log(closes[299] / closes[294])) < 1e-12)
        #expect(abs(value("gap") - log(all[299].bar.open / closes[298])) < 1e-12)
        #expect(value("rsi") == RSI().batch(closes)[0][299] / 100 - 0.5)
        #expect(value("friday") == 1 && value("monday") == 0)
        #expect(value("turn_of_month") == (299 % 21 + 1 <= 3 || 20 - 299 % 21 == 0 ? 1 : 0))
        let market = log(all[299].market / all[298].market)
        #expect(abs(value("market_return") - market) < 1e-12)
    }
}

@Suite("Order book features") struct BookFeatureTests {
    private func look(
        _ features: inout BookFeatures, _ bids: [(Double, Double)], _ asks: [(Double, Double)]
    ) -> BookFeatures.Output? {
        let bids = bids.map { BookLevel(price: $0.0, size: $0.1) }
        let asks = asks.map { BookLevel(price: $0.0, size: $0.1) }
        return bids.withUnsafeBufferPointer { bids in
            asks.withUnsafeBufferPointer { asks in features.look(bids: bids, asks: asks) }
        }
    }

    @Test("Imbalance, spread and microprice") func shape() throws {
        var features = BookFeatures()
        let seen = try #require(
            look(&features, [(99, 3), (98, 1)], [(101, 1), (102, 1), (103, 1)]))
        #expect(seen.imbalance == 0.5 && seen.imbalance5 == 1.0 / 7)
        #expect(seen.imbalanceAll == seen.imbalance5)
        #expect(seen.spread == 0.02 && seen.microprice == 0.25 && seen.orderFlow == 0)
    }

    @Test("Order flow: added to the bid and taken from the ask counts up") func flow() throws {
        var features = BookFeatures()
        _ = look(&features, [(99, 3)], [(101, 2)])
        #expect(look(&features, [(99, 5)], [(101, 2)])?.orderFlow == 2.0 / 7)
        #expect(look(&features, [(100, 1)], [(101, 2)])?.orderFlow == 1.0 / 3)
        #expect(look(&features, [(100, 1)], [(102, 4)])?.orderFlow == 2.0 / 5)
        #expect(look(&features, [(98, 1)], [(102, 4)])?.orderFlow == -1.0 / 5)
    }

    @Test("Trades count between two looks") func trades() {
        var features = BookFeatures()
        features.trade(size: 3, isBuy: true)
        features.trade(size: 1, isBuy: false)
        #expect(look(&features, [(99, 1)], [(101, 1)])?.tradeFlow == 0.5)
        #expect(look(&features, [(99, 1)], [(101, 1)])?.tradeFlow == 0)
    }

    @Test("A book without a side, or crossed, says nothing and is forgotten") func broken() {
        var features = BookFeatures()
        _ = look(&features, [(99, 1)], [(101, 1)])
        #expect(look(&features, [], [(101, 1)]) == nil)
        #expect(look(&features, [(101, 1)], [(101, 1)]) == nil)
        #expect(look(&features, [(99, 9)], [(101, 1)])?.orderFlow == 0)
    }
}
