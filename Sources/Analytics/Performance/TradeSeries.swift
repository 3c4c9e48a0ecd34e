// TradeSeries.swift — how a list of closed trades did.

import Foundation

/// Profits of closed trades in the account's currency, in the order in which they closed.
public struct TradeSeries: Sendable {
    public let profits: [Double]
    public let startingBalance: Double
    /// Whole days from the first to the last, at least one.
    public let days: Double

    public init(profits: [Double], startingBalance: Double, days: Double) {
        self.profits = profits
        self.startingBalance = startingBalance
        self.days = max(1, days)
    }

    private var wins: [Double] { profits.filter { $0 > 0 } }
    private var losses: [Double] { profits.filter { $0 < 0 } }

    public var profit: Double { profits.reduce(0, +) }
    public var profitFactor: Double { wins.reduce(0, +) / -losses.reduce(0, +) }
    public var winRate: Double { Double(wins.count) / Double(profits.count) }

    /// Mean profit of a trade, by wins and losses.
    public var expectancy: Double {
        winRate * averageWin - (1 - winRate) * averageLoss
    }
    /// `(1 + average win / average loss) × win rate − 1`.
    public var expectancyRatio: Double { (1 + averageWin / averageLoss) * winRate - 1 }
    private var averageWin: Double { wins.reduce(0, +) / Double(wins.count) }
    /// Positive; of all trades that did not win.
    private var averageLoss: Double {
        -losses.reduce(0, +) / Double(profits.count - wins.count)
    }

    /// System quality number: √n × mean / sample deviation.
    public var systemQuality: Double {
        let moments = Moments(profits)
        return moments.count.squareRoot() * moments.mean / moments.deviation()
    }

    /// Deepest fall of the balance below its highest, and that in parts of the highest.
    public var drawdown: (absolute: Double, share: Double) {
        var balance = startingBalance
        var best = startingBalance
        var deepest = (absolute: 0.0, share: 0.0)
        for profit in profits {
            balance += profit
            best = max(best, balance)
            deepest.absolute = max(deepest.absolute, best - balance)
            deepest.share = max(deepest.share, (best - balance) / best)
        }
        return deepest
    }

    public var annualReturn: Double {
        pow((startingBalance + profit) / startingBalance, 365 / days) - 1
    }

    // As Freqtrade has them: a mean over days against a deviation over trades. Not to be compared
    // with ratios of daily returns.

    public var freqtradeSharpe: Double {
        dailyMean / Moments(shares(profits)).deviation(freedom: 0) * 365.0.squareRoot()
    }
    public var freqtradeSortino: Double {
        dailyMean / Moments(shares(losses)).deviation(freedom: 0) * 365.0.squareRoot()
    }
    public var freqtradeCalmar: Double {
        100 * dailyMean / drawdown.share * 365.0.squareRoot()
    }

    private var dailyMean: Double { shares(profits).reduce(0, +) / days }
    private func shares(_ profits: [Double]) -> [Double] { profits.map { $0 / startingBalance } }
}
