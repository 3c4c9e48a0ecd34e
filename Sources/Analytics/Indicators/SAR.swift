// SAR.swift — parabolic stop and reverse.

/// Wilder's parabolic stop (1978). The first direction is that of the larger movement of the second
/// bar; the first stop is the extreme of the first bar; a stop never lies within the last two bars.
/// Warm-up: 1. O(1) an update.
public struct SAR: Indicator {
    public let acceleration, maximum: Double
    private var isLong = true
    private var stop = 0.0
    private var extreme = 0.0
    private var factor = 0.0
    private var before: Bar?
    private var hasBegun = false

    /// - Precondition: both are positive, `maximum` not below `acceleration`.
    public init(acceleration: Double = 0.02, maximum: Double = 0.2) {
        precondition(acceleration >= 0 && maximum >= 0, "acceleration must not be negative")
        self.acceleration = min(acceleration, maximum)
        self.maximum = maximum
    }

    public var lookback: Int { 1 }

    public mutating func update(_ bar: Bar) -> Double? {
        defer { before = bar }
        guard var before else { return nil }
        if !hasBegun {
            begin(before, bar)
            before = bar
        }
        return isLong ? rise(bar, before) : fall(bar, before)
    }

    private mutating func begin(_ first: Bar, _ second: Bar) {
        hasBegun = true
        isLong = DirectionalMovement.movement(from: first, to: second).minus <= 0
        stop = isLong ? first.low : first.high
        extreme = isLong ? second.high : second.low
        factor = acceleration
    }

    private mutating func rise(_ bar: Bar, _ before: Bar) -> Double {
        if bar.low <= stop {
            isLong = false
            stop = max(extreme, before.high, bar.high)
            let turned = stop
            extreme = bar.low
            factor = acceleration
            stop = max(stop + factor * (extreme - stop), before.high, bar.high)
            return turned
        }
        let now = stop
        if bar.high > extreme {
            extreme = bar.high
            factor = min(factor + acceleration, maximum)
        }
        stop = min(stop + factor * (extreme - stop), before.low, bar.low)
        return now
    }

    private mutating func fall(_ bar: Bar, _ before: Bar) -> Double {
        if bar.high >= stop {
            isLong = true
            stop = min(extreme, before.low, bar.low)
            let turned = stop
            extreme = bar.high
            factor = acceleration
            stop = min(stop + factor * (extreme - stop), before.low, bar.low)
            return turned
        }
        let now = stop
        if bar.low < extreme {
            extreme = bar.low
            factor = min(factor + acceleration, maximum)
        }
        stop = max(stop + factor * (extreme - stop), before.high, bar.high)
        return now
    }

    static let entry = IndicatorEntry(
        "SAR", "Parabolic stop and reverse", .trend,
        parameters: [
            .number(0.02, "acceleration", in: 0...1), .number(0.2, "maximum", in: 0...1),
        ], inputs: [.high, .low], source: "TA-Lib SAR"
    ) { SAR(acceleration: $0[0], maximum: $0[1]) }
}
