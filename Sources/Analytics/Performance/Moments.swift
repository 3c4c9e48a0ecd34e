// Moments.swift — what describes a sample.

import Foundation

/// Mean, deviations, skewness, kurtosis and quantiles of a sample. Sums go from the first value to
/// the last, so the same values give the same bits.
struct Moments: Sendable {
    let values: [Double]
    let mean: Double
    private let second, third, fourth: Double  // Σ (value − mean)^k

    init(_ values: [Double]) {
        self.values = values
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        var sums = (0.0, 0.0, 0.0)
        for value in values {
            let distance = value - mean
            let square = distance * distance
            sums.0 += square
            sums.1 += square * distance
            sums.2 += square * square
        }
        (second, third, fourth) = sums
    }

    var count: Double { Double(values.count) }

    /// `freedom` 1: sample; 0: population.
    func variance(freedom: Double = 1) -> Double { second / (count - freedom) }
    func deviation(freedom: Double = 1) -> Double { variance(freedom: freedom).squareRoot() }

    /// Population skewness.
    var skewness: Double { (third / count) / pow(second / count, 1.5) }
    /// Population kurtosis: 3 of a normal sample.
    var kurtosis: Double { (fourth / count) / pow(second / count, 2) }

    /// Skewness without bias, as pandas has it.
    var sampleSkewness: Double { (count * (count - 1)).squareRoot() / (count - 2) * skewness }
    /// Kurtosis above 3 without bias, as pandas has it.
    var sampleKurtosis: Double {
        (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * kurtosis - 3 * (count - 1))
    }

    /// Between neighbours in a straight line, as numpy and pandas do.
    func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return .nan }
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
