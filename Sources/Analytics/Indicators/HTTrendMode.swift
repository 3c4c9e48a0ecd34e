// HTTrendMode.swift — whether there is a trend or a cycle.

/// 1 in a trend, 0 in a cycle, by Ehlers' rules: a cycle for half its period after the sine lines
/// cross, and while its phase moves at the cycle's own rate; a trend where the smoothed input is
/// more than 1.5 % off the trend line. Warm-up: 63. At most 50 sines an update.
public struct HTTrendMode: Indicator {
    private var hilbert = HilbertPhase()
    private var count = 0
    private var before = HTSine.Output(phase: -90)
    private var phaseBefore = 0.0
    private var sinceCross = 0

    public init() {
        before.sine = 0
        before.lead = 0
    }

    public var lookback: Int { 63 }

    public mutating func update(_ input: Double) -> Int? {
        count += 1
        guard hilbert.update(input) else { return nil }
        let isTrend = judge()
        return count > lookback ? (isTrend ? 1 : 0) : nil
    }

    private mutating func judge() -> Bool {
        let now = HTSine.Output(phase: hilbert.phase)
        let turned = hilbert.phase - phaseBefore
        let crossed =
            now.sine > now.lead && before.sine <= before.lead
            || now.sine < now.lead && before.sine >= before.lead
        (before, phaseBefore) = (now, hilbert.phase)
        if crossed { sinceCross = 0 }
        sinceCross += 1
        let period = hilbert.cycle.period
        let atOwnRate =
            period != 0 && turned > 0.67 * 360 / period && turned < 1.5 * 360 / period
        let distance = abs(hilbert.cycle.smooth - hilbert.trend)
        if hilbert.trend != 0, distance / abs(hilbert.trend) >= 0.015 { return true }
        return !crossed && Double(sinceCross) >= 0.5 * period && !atOwnRate
    }

    static let entry = IndicatorEntry(
        "HT_TRENDMODE", "Hilbert transform, trend or cycle", .statistics, inputs: [.close],
        lines: ["integer"], source: "TA-Lib HT_TRENDMODE"
    ) { _ in HTTrendMode() }
}
