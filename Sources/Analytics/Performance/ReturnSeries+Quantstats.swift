// ReturnSeries+Quantstats.swift — measures that quantstats made usual.

extension ReturnSeries {
    /// Mean win over its count against mean loss over its count; a standstill counts as a win.
    public var profitRatio: Double {
        let wins = returns.filter { $0 >= 0 }
        let losses = negative
        let win = wins.reduce(0, +) / Double(wins.count) / Double(wins.count)
        let loss = losses.reduce(0, +) / Double(losses.count) / Double(losses.count)
        return abs(win) / abs(loss)
    }

    public var commonSenseRatio: Double { profitFactor * tailRatio }
    /// Profit factor × win rate × payoff ratio.
    public var cpcIndex: Double { profitFactor * winRate * payoffRatio }

    /// 99 % quantile in parts of the mean win, standstills among the wins.
    public var outlierWinRatio: Double {
        let wins = returns.filter { $0 >= 0 }
        return moments.quantile(0.99) / (wins.reduce(0, +) / Double(wins.count))
    }
    /// 1 % quantile in parts of the mean loss.
    public var outlierLossRatio: Double { moments.quantile(0.01) / averageLoss }

    /// Sum of returns over the deepest drawdown.
    public var recoveryFactor: Double { abs(returns.reduce(0, +)) / abs(drawdown.deepest) }
    /// Root of the mean squared drawdown, over the count less one.
    public var ulcerIndex: Double {
        (drawdown.depths.reduce(0) { $0 + $1 * $1 } / (count - 1)).squareRoot()
    }
    public var ulcerPerformanceIndex: Double { totalReturn / ulcerIndex }

    /// Expected shortfall at 5 % of a normal distribution with the sample's mean and deviation.
    public var gaussianShortfall: Double { Self.gaussianShortfall(moments) }

    /// Sum of returns over ulcer index × (expected shortfall of the drawdowns / deviation).
    public var serenityIndex: Double {
        let pitfall = -Self.gaussianShortfall(Moments(drawdown.depths)) / moments.deviation()
        return returns.reduce(0, +) / (ulcerIndex * pitfall)
    }

    private static func gaussianShortfall(_ moments: Moments) -> Double {
        let density = NormalDistribution.density(NormalDistribution.quantile(0.05))
        return moments.mean - moments.deviation() * density / 0.05
    }
}
