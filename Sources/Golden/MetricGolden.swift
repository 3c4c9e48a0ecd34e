// MetricGolden.swift — `mt_*` and `dsr_pbo*`: performance of returns and of trades.
import Analytics
import Foundation

struct MetricGolden {
    let folder: GoldenFolder

    /// `mt_*_returns.csv` and its `_expected.json`.
    func returns(_ set: String) throws(GoldenError) -> GoldenReport.File {
        let name = "\(set)_expected.json"
        let table = try folder.table("\(set)_returns.csv")
        let json = try folder.json(name)
        let returns = try folder.numbers(table, "ret", set)
        let perYear = json["periods_per_year"] as? Double ?? 252
        let series = ReturnSeries(returns, perYear: perYear)
        let benchmark =
            table.header.contains("bench") ? try folder.numbers(table, "bench", set) : nil
        var file = GoldenReport.File(name)
        file.compare(json["empyrical"], Self.empyrical(series, benchmark), in: "empyrical")
        file.compare(json["quantstats"], Self.quantstats(series), in: "quantstats")
        file.compare(json["psr"], Self.evidence(series), in: "psr")
        return file
    }

    private static func empyrical(
        _ series: ReturnSeries, _ benchmark: [Double]?
    ) -> [String: Double] {
        var ours = [
            "annual_return": series.annualReturn, "annual_volatility": series.annualVolatility,
            "sharpe_ratio": series.sharpe(), "sortino_ratio": series.sortino,
            "calmar_ratio": series.calmar, "max_drawdown": series.drawdown.deepest,
            "omega_ratio": series.omega, "stability_of_timeseries": series.stability,
            "tail_ratio": series.tailRatio, "downside_risk": series.downsideRisk,
            "value_at_risk": series.valueAtRisk,
            "conditional_value_at_risk": series.conditionalValueAtRisk,
            "cum_returns_final": series.totalReturn,
            "sharpe_rf_0.0001": series.sharpe(riskFree: 0.0001),
        ]
        if let benchmark {
            ours["alpha"] = series.alpha(benchmark)
            ours["beta"] = series.beta(benchmark)
            ours["excess_sharpe(information ratio per period)"] =
                series.informationRatio(benchmark)
        }
        return ours
    }

    private static func quantstats(_ series: ReturnSeries) -> [String: Double] {
        let exposure = (series.exposure * 100).rounded(.up) / 100  // In whole percent.
        return [
            "cagr": series.annualReturn, "volatility": series.annualVolatility,
            "sharpe": series.sharpe(), "smart_sharpe": series.smartSharpe,
            "sortino": series.sortino, "adjusted_sortino": series.adjustedSortino,
            "omega": series.omega, "gain_to_pain_ratio": series.gainToPain,
            "calmar": series.calmar, "max_drawdown": series.drawdown.deepest,
            "ulcer_index": series.ulcerIndex,
            "ulcer_performance_index": series.ulcerPerformanceIndex,
            "var": series.gaussianValueAtRisk, "cvar": series.gaussianShortfall,
            "skew": series.skewness, "kurtosis": series.kurtosis,
            "kelly_criterion": series.kelly, "payoff_ratio": series.payoffRatio,
            "profit_factor": series.profitFactor, "profit_ratio": series.profitRatio,
            "win_rate": series.winRate, "avg_win": series.averageWin,
            "avg_loss": series.averageLoss, "best": series.best, "worst": series.worst,
            "consecutive_wins": Double(series.longestWinningRun),
            "consecutive_losses": Double(series.longestLosingRun),
            "expected_return": series.geometricMean, "geometric_mean": series.geometricMean,
            "tail_ratio": series.tailRatio, "common_sense_ratio": series.commonSenseRatio,
            "cpc_index": series.cpcIndex, "outlier_win_ratio": series.outlierWinRatio,
            "outlier_loss_ratio": series.outlierLossRatio,
            "recovery_factor": series.recoveryFactor,
            "risk_return_ratio": series.sharpePerPeriod,
            "serenity_index": series.serenityIndex,
            "autocorr_penalty": series.autocorrelationPenalty, "exposure": exposure,
            "rar": series.annualReturn / exposure,
        ]
    }

    private static func evidence(_ series: ReturnSeries) -> [String: Double] {
        let evidence = series.evidence
        let goal = 0.3 / series.perYear.squareRoot()
        return [
            "T": evidence.observations, "sr_per_period": evidence.sharpe,
            "skew_biased": evidence.skewness, "kurtosis_pearson_biased": evidence.kurtosis,
            "psr_vs0": evidence.probability(), "mlfinlab_psr_vs0": evidence.probability(),
            "psr_vs_0p3_annual": evidence.probability(above: goal),
            "min_trl_95_vs0": evidence.minimumTrackRecord(),
            "mlfinlab_min_trl": evidence.minimumTrackRecord(),
        ]
    }

    /// `mt_*_trades.csv` and its `_expected.json`.
    func trades(_ set: String) throws(GoldenError) -> GoldenReport.File {
        let name = "\(set)_trades_expected.json"
        let table = try folder.table("\(set)_trades.csv")
        let json = try folder.json(name)
        let trades = TradeSeries(
            profits: try folder.numbers(table, "profit_abs", set),
            startingBalance: json["starting_balance"] as? Double ?? .nan,
            days: json["days"] as? Double ?? .nan)
        var file = GoldenReport.File(name)
        file.compare(
            json,
            [
                "sharpe": trades.freqtradeSharpe, "sortino": trades.freqtradeSortino,
                "calmar": trades.freqtradeCalmar, "cagr": trades.annualReturn,
                "max_drawdown_abs": trades.drawdown.absolute,
                "max_drawdown_account": trades.drawdown.share, "rel_dd": trades.drawdown.share,
                "profit_factor": trades.profitFactor,
            ], in: "trades")
        if let both = json["expectancy"] as? [Double], both.count == 2 {
            file.compare("expectancy", trades.expectancy, both[0], tolerance: 1e-9)
            file.compare("expectancy ratio", trades.expectancyRatio, both[1], tolerance: 1e-9)
        }
        return file
    }

    /// `dsr_pbo*_expected.json`, with `pbo_matrix.csv` beside it.
    func overfit(_ name: String) throws(GoldenError) -> GoldenReport.File {
        let json = try folder.json(name)
        var file = GoldenReport.File(name)
        for (place, wanted) in (json["cases"] as? [[String: Any]] ?? []).enumerated() {
            guard let ours = Self.deflated(wanted) else {
                file.fail("case \(place) lacks numbers")
                continue
            }
            file.compare(wanted, ours, in: "case \(place)")
        }
        guard let wanted = json["pbo"] as? [String: Any] else { return file }
        let table = try folder.table("pbo_matrix.csv")
        var trials: [[Double]] = []
        for column in table.header { trials.append(try folder.numbers(table, column, name)) }
        let blocks = Int(wanted["S"] as? Double ?? 0)
        guard let found = OverfitProbability(trials: trials, blocks: blocks) else {
            file.fail("pbo: no even number of blocks")
            return file
        }
        file.compare(
            wanted,
            [
                "pbo": found.probability, "n_splits": Double(found.splits),
                "mean_logit": found.meanLogit, "degradation_slope": found.degradation,
                "prob_oos_loss": found.lossProbability,
            ], in: "pbo")
        return file
    }

    private static func deflated(_ json: [String: Any]) -> [String: Double]? {
        guard let annual = json["sr_ann"] as? Double, let perYear = json["ppy"] as? Double,
            let observations = json["T"] as? Double, let trials = json["N"] as? Double,
            let variance = json["var_sr_ann"] as? Double, let skewness = json["skew"] as? Double,
            let kurtosis = json["kurt"] as? Double
        else { return nil }
        let evidence = SharpeEvidence(
            sharpe: annual / perYear.squareRoot(), observations: observations, skewness: skewness,
            kurtosis: kurtosis)
        let best = SharpeEvidence.expectedBest(trials: trials, variance: variance / perYear)
        return [
            "sr_period": evidence.sharpe, "sr0_period": best,
            "sr0_annual": best * perYear.squareRoot(),
            "dsr": evidence.deflated(trials: trials, variance: variance / perYear),
            "psr0": evidence.probability(), "min_trl_95": evidence.minimumTrackRecord(),
            "min_btl_years_bound": SharpeEvidence.minimumBacktest(trials: trials, sharpe: 1),
        ]
    }
}

extension GoldenReport.File {
    /// Every number of a JSON object that ours has a name for.
    fileprivate mutating func compare(_ json: Any?, _ ours: [String: Double], in part: String) {
        let wanted = json as? [String: Any] ?? [:]
        for name in ours.keys.sorted() {
            guard let value = wanted[name] as? Double, let own = ours[name] else { continue }
            compare("\(part) \(name)", own, value, tolerance: 1e-9)
        }
    }
}
