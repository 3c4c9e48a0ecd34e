// RealisedVolatility.swift — volatility of returns from close to close.

import Foundation

/// Sample standard deviation of the last `period` log returns, times √perYear. Warm-up: period.
/// O(1) an update.
public struct RealisedVolatility: Indicator {
    public let period: Int
    public let perYear: Double
    private var before: Double?
    private var moments: RollingMoments

    /// - Precondition: `period` is at least 2.
    public init(period: Int = 20, perYear: Double = 252) {
        precondition(period > 1, "period must be at least 2")
        self.period = period
        self.perYear = perYear
        moments = RollingMoments(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ input: Double) -> Double? {
        defer { before = input }
        guard let before else { return nil }
        moments.update(log(input / before))
        guard moments.isFull else { return nil }
        return (perYear * moments.variance(freedom: 1)).squareRoot()
    }

    static let entry = IndicatorEntry(
        "REALISED_VOLATILITY", "Realised volatility", .volatility,
        parameters: [.period(20, from: 2), .perYear], inputs: [.close],
        source: "sample deviation of log returns"
    ) { RealisedVolatility(period: $0.whole(0), perYear: $0[1]) }
}
