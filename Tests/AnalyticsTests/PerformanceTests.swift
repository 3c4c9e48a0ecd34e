// PerformanceTests.swift — measures of returns and trades, worked by hand or published.
import Foundation
import Testing

@testable import Analytics

private func near(_ first: Double, _ second: Double, _ tolerance: Double = 1e-12) -> Bool {
    abs(first - second) <= tolerance * max(1, abs(second))
}

@Suite("Returns") struct ReturnSeriesTests {
    /// 100 → 110 → 99 → 99 → 108.9.
    private let series = ReturnSeries([0.1, -0.1, 0, 0.1], perYear: 4)

    @Test("Growth and falls") func growth() {
        #expect(near(series.totalReturn, 0.089) && near(series.annualReturn, 0.089))
        #expect(near(series.geometricMean, pow(1.089, 0.25) - 1))
        #expect(near(series.drawdown.deepest, -0.1))
        #expect(series.drawdown.depths.map { ($0 * 1000).rounded() } == [0, -100, -100, -10])
        #expect(series.drawdown.longest == 3)
        #expect(
            series.drawdown.deepestSpan.fall == 1 && series.drawdown.deepestSpan.recovery == nil)
        let back = ReturnSeries([-0.5, 0, 1], perYear: 1).drawdown
        #expect(back.deepestSpan.fall == 1 && back.deepestSpan.recovery == 2)
    }

    @Test("Wins and losses; a standstill is neither") func wins() {
        #expect(near(series.winRate, 2.0 / 3) && near(series.payoffRatio, 1))
        #expect(near(series.omega, 2) && near(series.kelly, 1.0 / 3) && series.exposure == 0.75)
        #expect(series.longestWinningRun == 1 && series.longestLosingRun == 1)
    }

    @Test("Ratios are means over deviations, √4 to the year") func ratios() {
        let mean = 0.025
        let squares = 2 * 0.075 * 0.075 + 0.125 * 0.125 + 0.025 * 0.025
        #expect(near(series.sharpe(), mean / (squares / 3).squareRoot() * 2))
        #expect(near(series.sortino, mean / (0.01 / 4).squareRoot() * 2))
        #expect(near(series.calmar, 0.89))
    }

    @Test("A series against itself: beta 1, alpha 0") func benchmark() {
        let bench = [0.02, -0.01, 0.03, -0.04]
        let twice = ReturnSeries(bench.map { 2 * $0 }, perYear: 252)
        #expect(near(twice.beta(bench), 2) && near(twice.alpha(bench), 0))
    }

    @Test("Quantiles lie between neighbours as numpy has them") func quantiles() {
        let moments = Moments([4, 1, 3, 2])
        #expect(moments.quantile(0) == 1 && moments.quantile(1) == 4)
        #expect(moments.quantile(0.5) == 2.5 && near(moments.quantile(0.05), 1.15))
    }
}

@Suite("Evidence") struct EvidenceTests {
    @Test(
        "The normal quantile is the inverse of the distribution",
        arguments: [
            1e-9, 0.001, 0.05, 0.3, 0.5, 0.77, 0.99, 1 - 1e-9,
        ])
    func normal(p: Double) {
        #expect(near(NormalDistribution.cumulative(NormalDistribution.quantile(p)), p))
        #expect(near(NormalDistribution.quantile(0.975), 1.959963984540054))
        #expect(NormalDistribution.quantile(0) == -.infinity)
        #expect(NormalDistribution.quantile(1) == .infinity)
    }

    /// Bailey and López de Prado 2014, "The Deflated Sharpe Ratio", the example of its section on
    /// the strategy that was selected of 100.
    @Test("The published example of a deflated ratio") func deflated() {
        let evidence = SharpeEvidence(
            sharpe: 2.5 / 250.0.squareRoot(), observations: 1250, skewness: -3, kurtosis: 10)
        let variance = 0.5 / 250
        #expect(near(SharpeEvidence.expectedBest(trials: 100, variance: variance), 0.1132, 1e-4))
        #expect(near(evidence.deflated(trials: 100, variance: variance), 0.9004, 1e-4))
        #expect(near(evidence.deflated(trials: 46, variance: variance), 0.9505, 1e-4))
    }

    @Test("A ratio that is not above the goal proves nothing, however long") func never() {
        let evidence = SharpeEvidence(sharpe: 0.1, observations: 100, skewness: 0, kurtosis: 3)
        #expect(evidence.minimumTrackRecord(above: 0.1) == .infinity)
        #expect(near(evidence.probability(above: 0.1), 0.5))
        let needed = evidence.minimumTrackRecord()
        let there = SharpeEvidence(sharpe: 0.1, observations: needed, skewness: 0, kurtosis: 3)
        #expect(near(there.probability(), 0.95))
    }

    @Test("Of trials without worth the best disappoints; a trial that is always best does not")
    func overfit() throws {
        var state: UInt64 = 77
        func chance() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / 9_007_199_254_740_992 - 0.5
        }
        let noise = (0..<20).map { _ in (0..<400).map { _ in chance() } }
        let found = try #require(OverfitProbability(trials: noise, blocks: 8))
        #expect(found.splits == 70 && found.probability > 0.2)
        let skilled = noise + [noise[0].map { $0 + 0.5 }]
        #expect(OverfitProbability(trials: skilled, blocks: 8)?.probability == 0)
        #expect(OverfitProbability(trials: noise, blocks: 7) == nil)
        #expect(OverfitProbability(trials: [noise[0]], blocks: 8) == nil)
    }
}

@Suite("Trades") struct TradeSeriesTests {
    private let trades = TradeSeries(
        profits: [100, -50, 200, -100, -50], startingBalance: 1000, days: 73)

    @Test("Balance, falls and expectancy") func balance() {
        #expect(trades.profit == 100 && trades.profitFactor == 1.5 && trades.winRate == 0.4)
        #expect(near(trades.expectancy, 20))
        #expect(near(trades.expectancyRatio, (1 + 150 / (200.0 / 3)) * 0.4 - 1))
        #expect(trades.drawdown.absolute == 150 && near(trades.drawdown.share, 150.0 / 1250))
        #expect(near(trades.annualReturn, pow(1.1, 5) - 1))
    }

    @Test("A first loss is a fall from the starting balance") func firstLoss() {
        let lost = TradeSeries(profits: [-10], startingBalance: 100, days: 0)
        #expect(lost.drawdown.share == 0.1 && lost.days == 1)
    }
}
