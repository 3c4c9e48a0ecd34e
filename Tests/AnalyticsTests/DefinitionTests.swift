// DefinitionTests.swift — indicators that TA-Lib lacks, against their definitions written out in
// full over the whole history: slow, and nothing shared with the streaming form.
import Foundation
import Testing

@testable import Analytics

private let bars = TestBars.walk(300, seed: 5)
private let closes = bars.map(\.close)

/// Compares all lines from the warm-up on; `wanted` says each line at a row.
private func expect<Made: Indicator>(
    _ indicator: Made, _ inputs: [Made.Input], _ wanted: (Int) -> [Double],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let lines = indicator.batch(inputs)
    for row in indicator.lookback..<inputs.count {
        for (line, value) in zip(lines, wanted(row)) {
            #expect(
                abs(line[row] - value) <= 1e-9 * max(1, abs(value)), "row \(row)",
                sourceLocation: sourceLocation)
        }
    }
}

private func mean(_ values: some Collection<Double>) -> Double {
    values.reduce(0, +) / Double(values.count)
}

private func last(_ count: Int, _ row: Int) -> ArraySlice<Bar> { bars[(row - count + 1)...row] }

private func weighted(_ values: some BidirectionalCollection<Double>) -> Double {
    let count = values.count
    return zip(1...count, values).reduce(0) { $0 + Double($1.0) * $1.1 }
        / Double(count * (count + 1) / 2)
}

/// Seeded with the mean of the first `period` values; nil before.
private func ema(_ values: [Double], _ period: Int) -> [Double] {
    var out = [Double](repeating: .nan, count: values.count)
    guard values.count >= period else { return out }
    out[period - 1] = mean(values[..<period])
    for row in period..<values.count {
        out[row] = out[row - 1] + 2 / Double(period + 1) * (values[row] - out[row - 1])
    }
    return out
}

private func trueRanges() -> [Double] {
    [.nan]
        + (1..<bars.count).map { row in
            let before = bars[row - 1].close
            return max(bars[row].high, before) - min(bars[row].low, before)
        }
}

private func atr(_ period: Int) -> [Double] {
    let ranges = trueRanges()
    var out = [Double](repeating: .nan, count: bars.count)
    out[period] = mean(ranges[1...period])
    for row in (period + 1)..<bars.count {
        out[row] = (out[row - 1] * Double(period - 1) + ranges[row]) / Double(period)
    }
    return out
}

private func deviation(_ values: some Collection<Double>) -> Double {
    let centre = mean(values)
    return values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)
}

@Suite("Indicators by their definitions") struct DefinitionTests {
    @Test("Hull: WMA(√n) of 2 WMA(n/2) − WMA(n)") func hull() {
        let raw = closes.indices.map { row in
            row < 15
                ? 0 : 2 * weighted(closes[(row - 7)...row]) - weighted(closes[(row - 15)...row])
        }
        expect(HMA(period: 16), closes) { [weighted(raw[($0 - 3)...$0])] }
    }

    @Test("Averages weighted by volume") func volumeWeighted() {
        func weigh(_ bars: ArraySlice<Bar>, _ price: (Bar) -> Double) -> Double {
            bars.reduce(0) { $0 + price($1) * $1.volume } / bars.reduce(0) { $0 + $1.volume }
        }
        expect(VWMA(period: 10), bars) { [weigh(last(10, $0)) { $0.close }] }
        expect(VWAP(), bars) { [weigh(bars[0...$0]) { ($0.high + $0.low + $0.close) / 3 }] }
        var anchored = VWAP()
        _ = anchored.update(bars[0])
        anchored.anchor()
        #expect(anchored.update(bars[1]) == VWAP().batch([bars[1]])[0][0])
    }

    @Test("MovingAverage is the average of its kind") func kinds() {
        let made: [(MovingAverage.Kind, any Indicator<Double, Double>)] = [
            (.simple, SMA(period: 7)), (.exponential, EMA(period: 7)), (.weighted, WMA(period: 7)),
            (.doubleExponential, DEMA(period: 7)), (.tripleExponential, TEMA(period: 7)),
            (.triangular, TRIMA(period: 7)), (.adaptive, KAMA(period: 7)),
            (.tillson, T3(period: 7)),
        ]
        #expect(made.count == MovingAverage.Kind.allCases.count)
        for (kind, one) in made {
            let wanted = one.batch(closes)[0]
            #expect(MovingAverage(kind, period: 7).lookback == one.lookback)
            expect(MovingAverage(kind, period: 7), closes) { [wanted[$0]] }
            expect(MovingAverage(kind, period: 1), closes) { [closes[$0]] }
        }
    }

    @Test("SuperTrend: a band that only moves with the trend") func superTrend() {
        let ranges = atr(10)
        var rows: [[Double]] = []
        var (upper, lower, isUp) = (Double.infinity, -Double.infinity, true)
        for row in bars.indices {
            guard row >= 10 else {
                rows.append([])
                continue
            }
            let middle = (bars[row].high + bars[row].low) / 2
            let before = closes[row - 1]
            upper = before > upper ? middle + 3 * ranges[row] : min(upper, middle + 3 * ranges[row])
            lower = before < lower ? middle - 3 * ranges[row] : max(lower, middle - 3 * ranges[row])
            if isUp, closes[row] < lower {
                isUp = false
            } else if !isUp, closes[row] > upper {
                isUp = true
            }
            rows.append([isUp ? lower : upper, isUp ? 1 : -1])
        }
        #expect(Set(rows.compactMap { $0.last }).count == 2)
        expect(SuperTrend(period: 10, multiplier: 3), bars) { rows[$0] }
    }

    @Test("Ichimoku: middles of ranges, the cloud as it was `base` bars ago") func cloud() {
        func middle(_ count: Int, _ row: Int) -> Double {
            (last(count, row).map(\.high).max()! + last(count, row).map(\.low).min()!) / 2
        }
        expect(Ichimoku(), bars) { row in
            let ago = row - 26
            return [
                middle(9, row), middle(26, row), (middle(9, ago) + middle(26, ago)) / 2,
                middle(52, ago),
            ]
        }
    }

    @Test("Vortex, awesome oscillator, channels") func channels() {
        let ranges = trueRanges()
        expect(Vortex(period: 14), bars) { row in
            let rows = (row - 13)...row
            let whole = rows.reduce(0) { $0 + ranges[$1] }
            return [
                rows.reduce(0) { $0 + abs(bars[$1].high - bars[$1 - 1].low) } / whole,
                rows.reduce(0) { $0 + abs(bars[$1].low - bars[$1 - 1].high) } / whole,
            ]
        }
        let medians = bars.map { ($0.high + $0.low) / 2 }
        expect(AwesomeOscillator(), bars) {
            [mean(medians[($0 - 4)...$0]) - mean(medians[($0 - 33)...$0])]
        }
        let (averages, spans) = (ema(closes, 20), atr(10))
        expect(Keltner(), bars) { row in
            let half = 2 * spans[row]
            return [averages[row] + half, averages[row], averages[row] - half]
        }
        expect(Donchian(period: 20), bars) { row in
            let top = last(20, row).map(\.high).max()!
            let bottom = last(20, row).map(\.low).min()!
            return [top, (top + bottom) / 2, bottom]
        }
        let hanging = atr(22)
        expect(Chandelier(), bars) { row in
            [
                last(22, row).map(\.high).max()! - 3 * hanging[row],
                last(22, row).map(\.low).min()! + 3 * hanging[row],
            ]
        }
    }

    @Test("True strength: two EMAs of the change over two of its size") func strength() {
        let changes = (1..<closes.count).map { closes[$0] - closes[$0 - 1] }
        func twice(_ values: [Double]) -> [Double] {
            let once = Array(ema(values, 25).dropFirst(24))
            return [Double](repeating: .nan, count: 25) + ema(once, 13)
        }
        let (moved, all) = (twice(changes), twice(changes.map(abs)))
        expect(TSI(), closes) { [100 * moved[$0] / all[$0]] }
    }

    @Test("Fisher transform") func fisher() {
        let medians = bars.map { ($0.high + $0.low) / 2 }
        var (place, value) = (0.0, 0.0)
        var rows: [[Double]] = []
        for row in bars.indices {
            guard row >= 9 else {
                rows.append([])
                continue
            }
            let window = medians[(row - 9)...row]
            let (top, bottom) = (window.max()!, window.min()!)
            place = 0.33 * 2 * ((medians[row] - bottom) / (top - bottom) - 0.5) + 0.67 * place
            place = min(max(place, -0.999), 0.999)
            let before = value
            value = atanh(place) + 0.5 * before
            rows.append([value, before])
        }
        expect(Fisher(), bars) { rows[$0] }
    }

    @Test("Volatility from ranges") func ranges() {
        func annual(_ count: Int, _ row: Int, _ variance: (Bar) -> Double) -> [Double] {
            [sqrt(252 * mean(last(count, row).map(variance)))]
        }
        func rogers(_ bar: Bar) -> Double {
            log(bar.high / bar.close) * log(bar.high / bar.open)
                + log(bar.low / bar.close) * log(bar.low / bar.open)
        }
        expect(Parkinson(), bars) {
            annual(20, $0) { pow(log($0.high / $0.low), 2) / (4 * log(2)) }
        }
        expect(GarmanKlass(), bars) { row in
            annual(20, row) { bar in
                let body = pow(log(bar.close / bar.open), 2)
                return 0.5 * pow(log(bar.high / bar.low), 2) - (2 * log(2) - 1) * body
            }
        }
        expect(RogersSatchell(), bars) { annual(20, $0, rogers) }
        expect(YangZhang(), bars) { row in
            let rows = (row - 19)...row
            let gaps = deviation(rows.map { log(bars[$0].open / bars[$0 - 1].close) })
            let bodies = deviation(rows.map { log(bars[$0].close / bars[$0].open) })
            let k = 0.34 / (1.34 + 21.0 / 19)
            return [sqrt(252 * (gaps + k * bodies + (1 - k) * mean(rows.map { rogers(bars[$0]) })))]
        }
    }

    @Test("Volatility from closes") func closesOnly() {
        func realised(_ row: Int) -> Double {
            sqrt(252 * deviation(((row - 19)...row).map { log(closes[$0] / closes[$0 - 1]) }))
        }
        expect(RealisedVolatility(), closes) { [realised($0)] }
        expect(VolatilityPercentile(period: 20, span: 60), closes) { row in
            let now = realised(row)
            let below = ((row - 59)...row).filter { realised($0) <= now + 1e-12 }
            return [Double(below.count) / 60]
        }
        var variance: Double?
        let ewma = closes.indices.map { row -> Double in
            guard row > 0 else { return .nan }
            let square = pow(log(closes[row] / closes[row - 1]), 2)
            variance = variance.map { 0.94 * $0 + 0.06 * square } ?? square
            return sqrt(252 * variance!)
        }
        expect(EWMAVolatility(), closes) { [ewma[$0]] }
    }

    @Test("Volume") func volume() {
        func flow(_ bar: Bar) -> Double {
            (2 * bar.close - bar.low - bar.high) / (bar.high - bar.low) * bar.volume
        }
        expect(CMF(), bars) { row in
            [mean(last(20, row).map(flow)) / mean(last(20, row).map(\.volume))]
        }
        let pushes = (1..<bars.count).map { (closes[$0] - closes[$0 - 1]) * bars[$0].volume }
        let force = [.nan] + ema(pushes, 13)
        expect(ForceIndex(), bars) { [force[$0]] }
        let volumes = bars.map(\.volume)
        expect(RelativeVolume(), volumes) { [volumes[$0] / mean(volumes[($0 - 20)..<$0])] }
    }
}
