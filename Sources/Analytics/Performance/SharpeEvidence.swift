// SharpeEvidence.swift — how much a Sharpe ratio proves.

import Foundation

/// What a Sharpe ratio of one period says, given the sample's length and shape (Bailey and López de
/// Prado 2012, 2014).
public struct SharpeEvidence: Sendable {
    /// Per period, not of a year.
    public let sharpe: Double
    public let observations: Double
    /// Of the population: 0 and 3 of a normal one.
    public let skewness, kurtosis: Double

    public init(sharpe: Double, observations: Double, skewness: Double, kurtosis: Double) {
        self.sharpe = sharpe
        self.observations = observations
        self.skewness = skewness
        self.kurtosis = kurtosis
    }

    /// Variance of the estimate, times observations less one.
    private var spread: Double {
        1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe
    }

    /// Probabilistic Sharpe ratio: how likely the true one is above `benchmark`.
    public func probability(above benchmark: Double = 0) -> Double {
        let distance = (sharpe - benchmark) * (observations - 1).squareRoot()
        return NormalDistribution.cumulative(distance / spread.squareRoot())
    }

    /// Observations after which the true ratio is above `benchmark` with `confidence`; infinite
    /// where the ratio is not above it.
    public func minimumTrackRecord(
        above benchmark: Double = 0, confidence: Double = 0.95
    ) -> Double {
        guard sharpe > benchmark else { return .infinity }
        let quantile = NormalDistribution.quantile(confidence) / (sharpe - benchmark)
        return 1 + spread * quantile * quantile
    }

    /// The best ratio to expect of `trials` that are worth nothing.
    /// - Parameter variance: of the trials' ratios, per period.
    public static func expectedBest(trials: Double, variance: Double) -> Double {
        guard trials > 1 else { return 0 }
        let euler = 0.577_215_664_901_532_9
        let first = NormalDistribution.quantile(1 - 1 / trials)
        let second = NormalDistribution.quantile(1 - 1 / (trials * exp(1)))
        return variance.squareRoot() * ((1 - euler) * first + euler * second)
    }

    /// Years of data that `trials` worthless trials need, at most, before the best of them is
    /// expected to show an annual ratio below `sharpe`: `2 ln N / sharpe²`.
    public static func minimumBacktest(trials: Double, sharpe: Double) -> Double {
        2 * log(trials) / (sharpe * sharpe)
    }

    /// Deflated Sharpe ratio: how likely the true one is above the best of `trials` worthless ones.
    public func deflated(trials: Double, variance: Double) -> Double {
        probability(above: Self.expectedBest(trials: trials, variance: variance))
    }
}

extension ReturnSeries {
    public var evidence: SharpeEvidence {
        SharpeEvidence(
            sharpe: sharpePerPeriod, observations: count, skewness: moments.skewness,
            kurtosis: moments.kurtosis)
    }
}
