// Fisher.swift — Fisher transform of where the median lies.

import Foundation

/// The median price's place in the range of its last `period` values, −1 to 1, smoothed, and made
/// nearly normal by the Fisher transform (Ehlers 2002). Lines: the transform, and the one before.
/// Warm-up: period − 1. O(1) an update.
public struct Fisher: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var fisher, trigger: Double
        public static var lines: Int { 2 }
        public subscript(line line: Int) -> Double { line == 0 ? fisher : trigger }
    }

    public let period: Int
    private var highest, lowest: RollingExtreme
    private var place = 0.0
    private var value = 0.0

    /// - Precondition: `period` is positive.
    public init(period: Int = 10) {
        self.period = period
        highest = .highest(period)
        lowest = .lowest(period)
    }

    public var lookback: Int { period - 1 }

    public mutating func update(_ bar: Bar) -> Output? {
        let top = highest.update(bar.median)
        guard let bottom = lowest.update(bar.median), let top else { return nil }
        let raw = top == bottom ? 0.5 : (bar.median - bottom) / (top - bottom)
        place = min(max(0.66 * (raw - 0.5) + 0.67 * place, -0.999), 0.999)
        let trigger = value
        value = 0.5 * log((1 + place) / (1 - place)) + 0.5 * value
        return Output(fisher: value, trigger: trigger)
    }

    static let entry = IndicatorEntry(
        "FISHER", "Fisher transform", .momentum, parameters: [.period(10)], inputs: [.high, .low],
        lines: ["fisher", "trigger"], source: "Ehlers 2002"
    ) { Fisher(period: $0.whole(0)) }
}
