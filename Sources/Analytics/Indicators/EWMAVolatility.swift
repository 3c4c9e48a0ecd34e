// EWMAVolatility.swift — RiskMetrics volatility.

import Foundation

/// `√(perYear × v)` with `v = λ v + (1 − λ) r²` of log returns, begun with the first r² (J. P.
/// Morgan 1996). Prices must be positive. Warm-up: 1. O(1) an update.
public struct EWMAVolatility: Indicator {
    public let decay: Double
    public let perYear: Double
    private var before: Double?
    private var variance: Double?

    /// - Precondition: `decay` lies in 0…1.
    public init(decay: Double = 0.94, perYear: Double = 252) {
        precondition((0...1).contains(decay), "decay must lie in 0…1")
        self.decay = decay
        self.perYear = perYear
    }

    public var lookback: Int { 1 }

    public mutating func update(_ input: Double) -> Double? {
        defer { before = input }
        guard let before else { return nil }
        let change = log(input / before)
        let square = change * change
        let now = variance.map { decay * $0 + (1 - decay) * square } ?? square
        variance = now
        return (perYear * now).squareRoot()
    }

    static let entry = IndicatorEntry(
        "EWMA_VOLATILITY", "RiskMetrics volatility", .volatility,
        parameters: [.number(0.94, "decay", in: 0...1), .perYear], inputs: [.close],
        source: "RiskMetrics 1996"
    ) { EWMAVolatility(decay: $0[0], perYear: $0[1]) }
}
