// OverfitProbability.swift — how often the best of many trials disappoints.

import Foundation

/// Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu 2017): the
/// trial that is best on every half of the time is ranked on the other half.
public struct OverfitProbability: Sendable {
    /// Share of halves whose best trial is not above the middle in the other half.
    public let probability: Double
    public let splits: Int
    public let meanLogit: Double
    /// Slope of the ratio in the other half on that in the first.
    public let degradation: Double
    /// Share of halves whose best trial loses in the other half.
    public let lossProbability: Double

    /// - Parameters:
    ///   - trials: returns of each trial, all of the same periods.
    ///   - blocks: even; the time is cut into as many neighbouring pieces.
    /// - Returns: nil where there are fewer than two trials or two periods a block.
    public init?(trials: [[Double]], blocks: Int) {
        let length = trials.first?.count ?? 0
        guard trials.count > 1, blocks > 1, blocks % 2 == 0, length >= 2 * blocks,
            trials.allSatisfy({ $0.count == length })
        else { return nil }
        let pieces = Folds.even(length, into: blocks)
        let halves = CombinatorialFolds(count: blocks, tests: blocks / 2, purge: 0, embargo: 0)
        var logits: [Double] = []
        var pairs: [(inside: Double, outside: Double)] = []
        for split in halves.splits(blocks) {
            let chosen = split.tests.flatMap { Array($0) }
            let inside = Self.ratios(trials, chosen.map { pieces[$0] })
            let outside = Self.ratios(trials, split.training.map { pieces[$0] })
            let best = inside.indices.max { inside[$0] < inside[$1] } ?? 0
            let rank = outside.count { $0 <= outside[best] }
            let relative = Double(rank) / Double(trials.count + 1)
            logits.append(log(relative / (1 - relative)))
            pairs.append((inside[best], outside[best]))
        }
        splits = logits.count
        probability = Double(logits.count { $0 <= 0 }) / Double(splits)
        meanLogit = logits.reduce(0, +) / Double(splits)
        lossProbability = Double(pairs.count { $0.outside < 0 }) / Double(splits)
        let first = Moments(pairs.map(\.inside))
        let second = Moments(pairs.map(\.outside))
        let products = pairs.reduce(0) {
            $0 + ($1.inside - first.mean) * ($1.outside - second.mean)
        }
        degradation = products / (first.variance() * (first.count - 1))
    }

    private static func ratios(_ trials: [[Double]], _ pieces: [Range<Int>]) -> [Double] {
        trials.map { returns in
            let moments = Moments(pieces.flatMap { returns[$0] })
            return moments.mean / moments.deviation()
        }
    }
}
