// RollingMoments.swift — mean and variance over the last values.

/// Mean and sum of squared deviations of the last `period` inputs, O(1) an update by Welford's
/// method with a leaving value; computed anew every `RollingSum.renewal` inputs.
struct RollingMoments: Sendable {
    private var window: Window
    private(set) var mean = 0.0
    private var squares = 0.0
    private var sinceRenewal = 0

    init(period: Int) { window = Window(period) }

    var isFull: Bool { window.isFull }
    var count: Int { window.count }

    /// Mean squared deviation; `freedom` is what the count is lessened by (0: population).
    func variance(freedom: Int = 0) -> Double { squares / Double(window.count - freedom) }

    mutating func update(_ input: Double) {
        let leaving = window.push(input)
        let before = mean
        if let leaving {
            let change = input - leaving
            mean += change / Double(window.count)
            squares += change * (input - mean + leaving - before)
        } else {
            mean += (input - mean) / Double(window.count)
            squares += (input - before) * (input - mean)
        }
        sinceRenewal += 1
        if sinceRenewal == RollingSum.renewal { renew() }
        if squares < 0 { squares = 0 }
    }

    private mutating func renew() {
        sinceRenewal = 0
        var sum = 0.0
        window.forEach { sum += $0 }
        let centre = sum / Double(window.count)
        var total = 0.0
        window.forEach { total += ($0 - centre) * ($0 - centre) }
        mean = centre
        squares = total
    }
}
