// Normaliser.swift — features on one scale, measured on the past alone.

/// Centre and scale of one feature, fitted on a training window and kept with the model.
public struct RobustScale: Sendable, Equatable, Codable {
    /// Median and 1.4826 × median absolute deviation: the deviation of a normal sample.
    public let centre, scale: Double
    /// What lies further out is cut to it.
    public let clip: Double

    /// NaN values are left out; a feature that does not vary, or has no value, has scale 0.
    public init(fitting values: some Sequence<Double>, clip: Double = 5) {
        let known = values.filter { !$0.isNaN }
        centre = RobustScale.median(known)
        let middle = centre
        scale = 1.4826 * RobustScale.median(known.map { abs($0 - middle) })
        self.clip = clip
    }

    /// Says nothing, 0, where the feature did not vary.
    public func callAsFunction(_ value: Double) -> Double {
        guard scale > 0 else { return 0 }
        return min(max((value - centre) / scale, -clip), clip)
    }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
