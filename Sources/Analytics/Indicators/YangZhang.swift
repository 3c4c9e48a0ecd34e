// YangZhang.swift — Yang-Zhang volatility, which counts the gaps between bars.

import Foundation

/// `√(perYear × (var(gap) + k var(body) + (1 − k) mean(Rogers-Satchell)))` over `period` bars with
/// sample variances of ln(open / previous close) and ln(close / open) and
/// `k = 0.34 / (1.34 + (n + 1) / (n − 1))` (Yang and Zhang 2000). Prices must be positive. Warm-up:
/// period. O(1) an update.
public struct YangZhang: Indicator {
    public let period: Int
    public let perYear: Double
    private let weight: Double
    private var close: Double?
    private var gap, body: RollingMoments
    private var range: RollingSum

    /// - Precondition: `period` is at least 2.
    public init(period: Int = 20, perYear: Double = 252) {
        precondition(period > 1, "period must be at least 2")
        self.period = period
        self.perYear = perYear
        weight = 0.34 / (1.34 + Double(period + 1) / Double(period - 1))
        gap = RollingMoments(period: period)
        body = RollingMoments(period: period)
        range = RollingSum(period: period)
    }

    public var lookback: Int { period }

    public mutating func update(_ bar: Bar) -> Double? {
        defer { close = bar.close }
        guard let close else { return nil }
        gap.update(log(bar.open / close))
        body.update(log(bar.close / bar.open))
        guard let total = range.update(RogersSatchell.variance(bar)) else { return nil }
        let variance =
            gap.variance(freedom: 1) + weight * body.variance(freedom: 1)
            + (1 - weight) * total / Double(period)
        return (perYear * max(variance, 0)).squareRoot()
    }

    static let entry = IndicatorEntry(
        "YANG_ZHANG", "Yang-Zhang volatility", .volatility,
        parameters: [.period(20, from: 2), .perYear], inputs: [.open, .high, .low, .close],
        source: "Yang and Zhang 2000"
    ) { YangZhang(period: $0.whole(0), perYear: $0[1]) }
}
