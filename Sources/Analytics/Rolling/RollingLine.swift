// RollingLine.swift — the straight line through the last values.

/// Least-squares line through the last `period` inputs at x = 0 (oldest) … period − 1 (newest),
/// O(1) an update; summed anew every `RollingSum.renewal` inputs.
struct RollingLine: Sendable {
    private var window: Window
    private var sum = 0.0
    private var weighted = 0.0  // Σ x·y
    private var sinceRenewal = 0

    init(period: Int) {
        precondition(period > 1, "a line needs a period of at least 2")
        window = Window(period)
    }

    /// Takes `input`; returns the line, nil until there are `period` inputs.
    mutating func update(_ input: Double) -> (slope: Double, intercept: Double)? {
        let count = window.count
        if let leaving = window.push(input) {
            weighted += Double(count - 1) * input - (sum - leaving)
            sum += input - leaving
        } else {
            weighted += Double(count) * input
            sum += input
        }
        sinceRenewal += 1
        if sinceRenewal == RollingSum.renewal { renew() }
        return window.isFull ? line : nil
    }

    private var line: (slope: Double, intercept: Double) {
        let count = Double(window.count)
        let places = count * (count - 1) / 2
        let squares = places * (2 * count - 1) / 3
        let slope = (count * weighted - places * sum) / (count * squares - places * places)
        return (slope, (sum - slope * places) / count)
    }

    private mutating func renew() {
        sinceRenewal = 0
        sum = 0
        weighted = 0
        for place in 0..<window.count {
            let value = window[ago: window.count - 1 - place]
            sum += value
            weighted += Double(place) * value
        }
    }
}
