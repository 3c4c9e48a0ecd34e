// FractionalDifference.swift — differencing that keeps memory.

/// Fractional difference of order `order` over a fixed window: weights w₀ = 1,
/// wₖ = −wₖ₋₁ (d − k + 1) / k, until they fall below `threshold` (López de Prado 2018, chapter 5).
/// Feed it log prices. Warm-up: width − 1. O(width) an update.
public struct FractionalDifference: Indicator {
    private static let longest = 10_000

    public let weights: [Double]
    private var window: Window

    /// - Precondition: `threshold` is positive, `order` not negative.
    public init(order: Double = 0.4, threshold: Double = 1e-3) {
        precondition(order >= 0 && threshold > 0, "order and threshold must be positive")
        var weights = [1.0]
        while weights.count < Self.longest {
            let place = Double(weights.count)
            let next = -weights[weights.count - 1] * (order - place + 1) / place
            if abs(next) < threshold { break }
            weights.append(next)
        }
        self.weights = weights
        window = Window(weights.count)
    }

    public var lookback: Int { weights.count - 1 }

    public mutating func update(_ input: Double) -> Double? {
        window.push(input)
        guard window.isFull else { return nil }
        var sum = 0.0
        for (ago, weight) in weights.enumerated() { sum += weight * window[ago: ago] }
        return sum
    }

    static let entry = IndicatorEntry(
        "FRACDIFF", "Fractional difference", .statistics,
        parameters: [.number(0.4, "order", in: 0...2), .number(1e-3, "threshold", in: 1e-6...0.5)],
        inputs: [.close], source: "López de Prado 2018"
    ) { FractionalDifference(order: $0[0], threshold: $0[1]) }
}
