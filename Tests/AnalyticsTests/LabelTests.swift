// LabelTests.swift — barriers, overlap, folds and normalisers, worked by hand.
import Testing

@testable import Analytics

private func bar(_ high: Double, _ low: Double, _ close: Double) -> Bar {
    Bar(open: close, high: high, low: low, close: close, volume: 1)
}

@Suite("Triple barrier") struct TripleBarrierTests {
    private let barrier = TripleBarrier(target: 2, stop: 1, limit: 3, watch: .intrabar)
    private func label(_ later: [Bar], _ watch: TripleBarrier.Watch = .intrabar) throws
        -> TripleBarrier.Label
    {
        let barrier = TripleBarrier(target: 2, stop: 1, limit: 3, watch: watch)
        return try #require(
            barrier.label([bar(100, 100, 100)] + later, start: 0, volatility: 0.01))
    }

    @Test("The first touch counts") func first() throws {
        let up = try label([bar(101.5, 99.5, 101), bar(102, 100, 101.5), bar(100, 90, 95)])
        #expect(
            up.touch == .upper && up.sign == 1 && up.end == 2 && up.simpleReturn == 101.5 / 100 - 1)
        let down = try label([bar(101, 99, 100.5), bar(110, 100, 105), bar(110, 100, 105)])
        #expect(down.touch == .lower && down.sign == -1 && down.end == 1 && !down.isAmbiguous)
    }

    @Test("Closes do not see what happens within a bar") func closes() throws {
        let later = [bar(103, 97, 100), bar(103, 97, 101), bar(103, 97, 99.5)]
        let calm = try label(later, .closes)
        #expect(calm.touch == .vertical && calm.sign == -1 && calm.end == 3)
        let hit = try label(later)
        #expect(hit.touch == .lower && hit.isAmbiguous && hit.end == 1)
    }

    @Test("The data's end is a time limit; the last bar has no label") func end() throws {
        let bars = [bar(100, 100, 100), bar(100.5, 99.5, 100)]
        #expect(barrier.label(bars, start: 0, volatility: 0.01)?.sign == 0)
        #expect(barrier.label(bars, start: 1, volatility: 0.01) == nil)
        #expect(barrier.label(bars, start: 7, volatility: 0.01) == nil)
    }

    @Test("What comes after the end of an event changes nothing") func pastOnly() throws {
        let bars = TestBars.walk(300, seed: 9)
        for start in stride(from: 0, to: 250, by: 7) {
            let label = try #require(barrier.label(bars, start: start, volatility: 0.02))
            let known = Array(bars[...label.end])
            let short = try #require(barrier.label(known, start: start, volatility: 0.02))
            #expect(short == label)
        }
    }
}

@Suite("Weights of events that overlap") struct EventWeightTests {
    @Test("Alone is 1, two at once are half each") func uniqueness() {
        let weights = EventWeights(spans: [0...1, 1...2, 4...4], bars: 6)
        #expect(weights.concurrency == [1, 2, 1, 0, 1, 0])
        #expect(weights.uniqueness == [0.75, 0.75, 1])
    }

    @Test("Weights by return have a mean of 1; no return at all weighs all alike") func returns() {
        let weights = EventWeights(spans: [1...1, 2...2], bars: 3)
        let made = weights.returnAttribution(closes: [100, 110, 110])
        #expect(made == [2, 0])
        #expect(weights.returnAttribution(closes: [5, 5, 5]) == [1, 1])
    }

    @Test("Decay rises to 1 at the last event") func decay() {
        let weights = EventWeights(spans: [0...0, 1...1, 2...2, 3...3], bars: 4)
        #expect(weights.timeDecay(oldest: 0) == [0.25, 0.5, 0.75, 1])
        #expect(weights.timeDecay(oldest: 1) == [1, 1, 1, 1])
    }
}

@Suite("Folds") struct FoldTests {
    @Test("No training event meets the test, nor begins in the embargo after it", arguments: 2...9)
    func purged(count: Int) {
        let spans = (0..<97).map { $0 * 3...($0 * 3 + $0 % 8) }
        let waiting = Int(0.05 * Double(spans.map(\.upperBound).max()! + 1))
        let splits = PurgedFolds(count: count, embargo: 0.05).splits(spans)
        #expect(splits.flatMap { $0.tests.flatMap { Array($0) } } == Array(0..<97))
        for split in splits {
            let test = split.tests[0]
            let first = spans[test.lowerBound].lowerBound
            let last = spans[test].map(\.upperBound).max()!
            for (event, span) in spans.enumerated() where !test.contains(event) {
                let apart = span.upperBound < first || span.lowerBound > last + waiting
                #expect(split.training.contains(event) == apart)
            }
        }
    }

    @Test("Combinatorial: 15 splits and 5 paths of 6 folds and 2 tests, purged on both sides")
    func combinatorial() {
        let folds = CombinatorialFolds(count: 6, tests: 2, purge: 5, embargo: 5)
        let splits = folds.splits(600)
        #expect(splits.count == 15 && folds.paths == 5)
        // As skfolio's CombinatorialPurgedCV divides.
        #expect(splits[0].training.count == 390 && splits[0].tests == [0..<100, 100..<200])
        #expect(splits[1].training.count == 375 && splits[1].training.reduce(0, +) == 144_725)
        #expect(splits[14].training.count == 395 && splits[14].training.reduce(0, +) == 77_815)
        for observation in 0..<600 {
            #expect(splits.filter { $0.tests.contains { $0.contains(observation) } }.count == 5)
        }
    }

    @Test("Walking forward, every part comes after what it is fitted on") func walk() {
        let plan = WalkForward(
            training: 100, validation: 20, calibration: 10, test: 15, gap: 5)
        let windows = plan.windows(400)
        #expect(windows.count == 17)
        for (place, window) in windows.enumerated() {
            #expect(window.training.lowerBound == place * 15 && window.training.count == 100)
            #expect(window.validation.lowerBound == window.training.upperBound + 5)
            #expect(window.calibration.lowerBound == window.validation.upperBound + 5)
            #expect(window.test.lowerBound == window.calibration.upperBound + 5)
            #expect(window.test.upperBound <= 400)
        }
        let anchored = WalkForward(training: 50, test: 10, isAnchored: true).windows(100)
        #expect(anchored.map(\.training) == (0..<5).map { 0..<(50 + 10 * $0) })
        #expect(WalkForward(training: 50, test: 10).windows(59).isEmpty)
    }
}

@Suite("Normalisers") struct NormaliserTests {
    @Test("Median and spread of the past alone; the rest is cut, and constants say nothing")
    func robust() {
        let scale = RobustScale(fitting: [1, 2, 3, 4, 100, .nan])
        #expect(scale.centre == 3 && scale.scale == 1.4826)
        #expect(scale(3) == 0 && scale(1e9) == 5 && scale(-1e9) == -5)
        #expect(abs(scale(4.4826) - 1) < 1e-12)
        #expect(RobustScale(fitting: [7, 7, 7])(8) == 0)
        #expect(RobustScale(fitting: [])(8) == 0)
    }

    @Test("A rolling z-score, from its least number of inputs on") func rolling() {
        let scores = RollingZScore(period: 4, least: 3).batch([1.0, 2, 3, 4, 5])[0]
        #expect(scores[0].isNaN && scores[1].isNaN && scores[2] == 1)
        #expect(abs(scores[4] - 1.5 / (5.0 / 3).squareRoot()) < 1e-12)
    }
}

@Suite("Differencing and weighted deviation") struct DifferenceTests {
    @Test("Order 1 is the plain difference, 0 the series itself") func orders() {
        #expect(FractionalDifference(order: 1, threshold: 1e-4).weights == [1, -1])
        #expect(FractionalDifference(order: 0, threshold: 1e-4).batch([3.0, 9])[0] == [3, 9])
        #expect(FractionalDifference(order: 0.4, threshold: 1e-3).weights.count == 55)
    }

    @Test("The deviation is that of all returns with falling weights") func deviation() {
        let closes = TestBars.walk(120, seed: 2).map(\.close)
        let ours = EWMDeviation(span: 30).batch(closes)[0]
        for row in stride(from: 2, to: 120, by: 13) {
            let values = (1...row).map { closes[$0] / closes[$0 - 1] - 1 }
            var weights = [1.0]
            for _ in 1..<row { weights.insert(weights[0] * (1 - 2.0 / 31), at: 0) }
            let all = weights.reduce(0, +)
            let mean = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 } / all
            let squares = zip(weights, values).reduce(0) {
                $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
            }
            let freedom = all * all - weights.reduce(0) { $0 + $1 * $1 }
            let wanted = (squares / all * all * all / freedom).squareRoot()
            #expect(abs(ours[row] - wanted) < 1e-12)
        }
    }
}
