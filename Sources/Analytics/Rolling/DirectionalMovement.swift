// DirectionalMovement.swift — what +DI, −DI, DX, ADX and ADXR stand on.

/// Wilder's smoothed sums of upward movement, downward movement and true range (Wilder 1978).
struct DirectionalMovement: Sendable {
    let period: Int
    private var before: Bar?
    private(set) var plus, minus, range: WilderSum

    init(period: Int) {
        self.period = period
        plus = WilderSum(period: period)
        minus = WilderSum(period: period)
        range = WilderSum(period: period)
    }

    /// One period needs no seed: the movement of the bar itself.
    var hasMovement: Bool { before != nil && (period == 1 ? plus.isSmoothed : plus.isSeeded) }
    var hasDirections: Bool { plus.isSmoothed }

    mutating func update(_ bar: Bar) {
        defer { before = bar }
        guard let before else { return }
        let moved = Self.movement(from: before, to: bar)
        plus.update(moved.plus)
        minus.update(moved.minus)
        range.update(TrueRange.range(bar, after: before.close))
    }

    static func movement(from before: Bar, to bar: Bar) -> (plus: Double, minus: Double) {
        let up = bar.high - before.high
        let down = before.low - bar.low
        if down > 0, up < down { return (0, down) }
        if up > 0, up > down { return (up, 0) }
        return (0, 0)
    }

    /// +DI and −DI in percent; nil where the range is zero.
    var directions: (plus: Double, minus: Double)? {
        guard range.value != 0 else { return nil }
        return (100 * plus.value / range.value, 100 * minus.value / range.value)
    }

    /// |+DI − −DI| in percent of their sum; nil where it is not defined.
    var index: Double? {
        guard let (plus, minus) = directions, plus + minus != 0 else { return nil }
        return 100 * abs(plus - minus) / (plus + minus)
    }
}
