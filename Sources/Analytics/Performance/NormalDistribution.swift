// NormalDistribution.swift — the standard normal distribution.

import Foundation

enum NormalDistribution {
    static func density(_ x: Double) -> Double { exp(-x * x / 2) / sqrt(2 * .pi) }

    /// Probability of at most `x`.
    static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

    /// The `x` with `cumulative(x) == p`: a first guess, then Newton's method with Halley's
    /// correction until nothing changes. NaN outside 0…1, infinite at its ends.
    static func quantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
        let tail = sqrt(-2 * log(min(p, 1 - p)))
        // Hastings 1955: within 4.5e-4.
        let top = 2.515517 + tail * (0.802853 + tail * 0.010328)
        let bottom = 1 + tail * (1.432788 + tail * (0.189269 + tail * 0.001308))
        var x = (p < 0.5 ? -1 : 1) * (tail - top / bottom)
        for _ in 0..<4 {
            let step = (cumulative(x) - p) / density(x)
            x -= step / (1 + x * step / 2)
        }
        return x
    }
}
