// ReturnSeries.swift — how a series of returns did.

import Foundation

/// Simple returns of equal periods, and what is said of them. Ratios use sample deviations unless
/// they say otherwise, a risk-free return of 0, and √perYear to make a year of a period. What is
/// not defined is NaN.
public struct ReturnSeries: Sendable {
    public let returns: [Double]
    /// Periods in a year: 252 for trading days, 365 for days that all trade.
    public let perYear: Double
    let moments: Moments

    public init(_ returns: [Double], perYear: Double) {
        self.returns = returns
        self.perYear = perYear
        moments = Moments(returns)
    }

    var count: Double { Double(returns.count) }
    var positive: [Double] { returns.filter { $0 > 0 } }
    var negative: [Double] { returns.filter { $0 < 0 } }

    // Growth.

    /// What one unit became, less one.
    public var totalReturn: Double { returns.reduce(1) { $0 * (1 + $1) } - 1 }
    /// Compound annual growth rate.
    public var annualReturn: Double { pow(1 + totalReturn, perYear / count) - 1 }
    public var mean: Double { moments.mean }
    /// Geometric mean of a period.
    public var geometricMean: Double { pow(1 + totalReturn, 1 / count) - 1 }
    public var best: Double { returns.max() ?? .nan }
    public var worst: Double { returns.min() ?? .nan }

    // Risk.

    public var annualVolatility: Double { moments.deviation() * perYear.squareRoot() }
    /// Root of the mean squared loss over all periods.
    var downside: Double {
        (returns.reduce(0) { $0 + min($1, 0) * min($1, 0) } / count).squareRoot()
    }
    public var downsideRisk: Double { downside * perYear.squareRoot() }
    public var skewness: Double { moments.sampleSkewness }
    /// Above 3.
    public var kurtosis: Double { moments.sampleKurtosis }
    /// The return that is undercut in 5 % of the periods.
    public var valueAtRisk: Double { moments.quantile(0.05) }
    /// Mean of the worst 5 % of the periods.
    public var conditionalValueAtRisk: Double {
        let place = Int(0.05 * (count - 1))
        return returns.sorted().prefix(place + 1).reduce(0, +) / Double(place + 1)
    }
    /// Value at risk of a normal distribution with the sample's mean and deviation.
    public var gaussianValueAtRisk: Double {
        mean + moments.deviation() * NormalDistribution.quantile(0.05)
    }
    /// |95 % quantile / 5 % quantile|.
    public var tailRatio: Double { abs(moments.quantile(0.95) / moments.quantile(0.05)) }

    // Reward for risk.

    /// A period's return is lessened by `riskFree` first.
    public func sharpe(riskFree: Double = 0) -> Double {
        (mean - riskFree) / moments.deviation() * perYear.squareRoot()
    }
    /// Mean over deviation of one period.
    public var sharpePerPeriod: Double { mean / moments.deviation() }
    public var sortino: Double { mean / downside * perYear.squareRoot() }
    /// Sortino over √2, to stand beside Sharpe.
    public var adjustedSortino: Double { sortino / 2.0.squareRoot() }
    /// Sharpe over the penalty for returns that follow each other.
    public var smartSharpe: Double { sharpe() / autocorrelationPenalty }
    public var calmar: Double { annualReturn / abs(drawdown.deepest) }
    /// Gains over losses.
    public var omega: Double { positive.reduce(0, +) / -negative.reduce(0, +) }
    public var gainToPain: Double { returns.reduce(0, +) / -negative.reduce(0, +) }

    /// √(1 + 2 Σ (n − k) / n · |ρ|ᵏ) with ρ the correlation of neighbours (Lo 2002).
    public var autocorrelationPenalty: Double {
        let correlation = abs(
            Self.correlation(Array(returns.dropLast()), Array(returns.dropFirst())))
        var power = 1.0
        var sum = 0.0
        for lag in stride(from: 1, to: returns.count, by: 1) {
            power *= correlation
            if power == 0 { break }
            sum += (count - Double(lag)) / count * power
        }
        return (1 + 2 * sum).squareRoot()
    }

    // Wins and losses.

    /// Winning periods of those that moved.
    public var winRate: Double {
        Double(positive.count) / Double(returns.count { $0 != 0 })
    }
    public var averageWin: Double { positive.reduce(0, +) / Double(positive.count) }
    public var averageLoss: Double { negative.reduce(0, +) / Double(negative.count) }
    public var payoffRatio: Double { averageWin / -averageLoss }
    public var profitFactor: Double { omega }
    /// Share of capital that grows fastest, of even-sized bets with these wins and losses.
    public var kelly: Double { winRate - (1 - winRate) / payoffRatio }
    public var longestWinningRun: Int { Self.longestRun(returns) { $0 > 0 } }
    public var longestLosingRun: Int { Self.longestRun(returns) { $0 < 0 } }
    /// Periods with a return, of all.
    public var exposure: Double { Double(returns.count { $0 != 0 }) / count }

    /// How straight the logarithm of the equity rises: R² of its regression on time.
    public var stability: Double {
        var sum = 0.0
        let equity = returns.map { change in
            sum += log1p(change)
            return sum
        }
        let correlation = Self.correlation(equity.indices.map { Double($0) }, equity)
        return correlation * correlation
    }

    // Against a benchmark of the same periods.

    public func beta(_ benchmark: [Double]) -> Double {
        let other = Moments(benchmark)
        let products = zip(returns, benchmark).reduce(0) {
            $0 + ($1.0 - mean) * ($1.1 - other.mean)
        }
        return products / (other.variance() * (count - 1))
    }

    /// Compounded return of a year that the benchmark does not explain.
    public func alpha(_ benchmark: [Double]) -> Double {
        let beta = beta(benchmark)
        let rest = zip(returns, benchmark).reduce(0) { $0 + $1.0 - beta * $1.1 } / count
        return pow(1 + rest, perYear) - 1
    }

    /// Mean over deviation of the difference, per period.
    public func informationRatio(_ benchmark: [Double]) -> Double {
        ReturnSeries(zip(returns, benchmark).map { $0 - $1 }, perYear: perYear).sharpePerPeriod
    }

    static func correlation(_ first: [Double], _ second: [Double]) -> Double {
        let (x, y) = (Moments(first), Moments(second))
        let products = zip(first, second).reduce(0) {
            $0 + ($1.0 - x.mean) * ($1.1 - y.mean)
        }
        return products / (x.deviation() * y.deviation() * (x.count - 1))
    }

    static func longestRun(_ values: [Double], _ counts: (Double) -> Bool) -> Int {
        var longest = 0
        var run = 0
        for value in values {
            run = counts(value) ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
