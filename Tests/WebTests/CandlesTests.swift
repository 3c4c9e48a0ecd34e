// CandlesTests.swift — trades become candles of one second, within bounds.
import Core
import Testing

@testable import Bot

@Suite("Candles") struct CandlesTests {
    private let first = InstrumentID(slot: 0)

    private func trade(
        _ series: inout CandleSeries, _ price: Int64, _ lots: Int64, at milliseconds: Int64
    ) {
        series.take(
            first, Price(ticks: price), Quantity(lots: lots), at: milliseconds * 1_000_000)
    }

    @Test("A second's trades make open, high, low, close and volume") func aggregates() {
        var series = CandleSeries(instruments: 1)
        for (price, at) in [(100, 1000), (105, 1200), (95, 1500), (101, 1999)] {
            trade(&series, Int64(price), 2, at: Int64(at))
        }
        trade(&series, 102, 1, at: 2000)
        let candles = series.since(0, of: first)
        #expect(candles.count == 2)
        #expect(candles[0].open.ticks == 100 && candles[0].high.ticks == 105)
        #expect(candles[0].low.ticks == 95 && candles[0].close.ticks == 101)
        #expect(candles[0].volume.lots == 8)
        #expect(series.since(2, of: first) == [candles[1]])
    }

    @Test("Time that steps back counts into the last candle") func timeStepsBack() {
        var series = CandleSeries(instruments: 1)
        trade(&series, 100, 1, at: 5000)
        trade(&series, 90, 1, at: 4000)
        #expect(series.since(0, of: first).map(\.low.ticks) == [90])
    }

    @Test("A long day keeps a bounded number, the newest") func bounded() {
        var series = CandleSeries(instruments: 2)
        for second in 1...20_000 { trade(&series, 100, 1, at: Int64(second) * 1000) }
        let candles = series.since(0, of: first)
        #expect(candles.count <= 1125 && candles.count >= 900)
        #expect(candles.last?.second == 20_000)
    }

    @Test("An unknown instrument and a flood of volume do no harm") func extremes() {
        var series = CandleSeries(instruments: 1)
        series.take(.none, Price(ticks: 1), Quantity(lots: 1), at: 0)
        trade(&series, 1, .max, at: 1000)
        trade(&series, 1, .max, at: 1000)
        #expect(series.since(0, of: first).first?.volume.lots == .max)
    }
}
