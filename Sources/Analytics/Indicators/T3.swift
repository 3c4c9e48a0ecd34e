// T3.swift — Tillson's moving average.

/// Six EMAs in a row, mixed by the volume factor v (Tillson 1998): `c1·e6 + c2·e5 + c3·e4 + c4·e3`
/// with c1 = −v³, c2 = 3v² + 3v³, c3 = −6v² − 3v − 3v³, c4 = 1 + 3v + v³ + 3v². Warm-up:
/// 6 (period − 1). O(1) an update.
public struct T3: Indicator {
    public let period: Int
    private let c1, c2, c3, c4: Double
    private var e1, e2, e3, e4, e5, e6: EMA

    /// - Precondition: `period` is positive.
    public init(period: Int, factor: Double = 0.7) {
        self.period = period
        let square = factor * factor
        let cube = square * factor
        c1 = -cube
        c2 = 3 * (square + cube)
        c3 = -6 * square - 3 * (factor + cube)
        c4 = 1 + 3 * factor + cube + 3 * square
        let ema = EMA(period: period)
        (e1, e2, e3, e4, e5, e6) = (ema, ema, ema, ema, ema, ema)
    }

    public var lookback: Int { 6 * (period - 1) }

    public mutating func update(_ input: Double) -> Double? {
        guard let one = e1.update(input), let two = e2.update(one), let three = e3.update(two),
            let four = e4.update(three), let five = e5.update(four), let six = e6.update(five)
        else { return nil }
        return c1 * six + c2 * five + c3 * four + c4 * three
    }

    static let entry = IndicatorEntry(
        "T3", "Tillson's moving average", .trend,
        parameters: [.period(5), .number(0.7, "vfactor", in: 0...1)], inputs: [.close],
        source: "TA-Lib T3"
    ) { T3(period: $0.whole(0), factor: $0[1]) }
}
