// RollingExtreme.swift — the highest or lowest of the last values, and how old it is.

/// Highest (or lowest) of the last `period` inputs by a monotonic queue: O(1) on average. Of equal
/// extremes the latest counts.
struct RollingExtreme: Sendable {
    let period: Int
    private let sign: Double  // Lowest is highest of the negated.
    private var values: [Double]
    private var times: [Int]
    private var head = 0
    private var length = 0
    private var now = -1

    static func highest(_ period: Int) -> RollingExtreme { RollingExtreme(period, sign: 1) }
    static func lowest(_ period: Int) -> RollingExtreme { RollingExtreme(period, sign: -1) }

    private init(_ period: Int, sign: Double) {
        precondition(period > 0, "period must be positive")
        self.period = period
        self.sign = sign
        values = [Double](repeating: 0, count: period)
        times = [Int](repeating: 0, count: period)
    }

    var isFull: Bool { now >= period - 1 }
    var value: Double { sign * values[head] }
    /// Inputs since the extreme; 0: it is the newest.
    var age: Int { now - times[head] }

    /// Takes `input`; returns the extreme, nil until there are `period` inputs.
    @discardableResult
    mutating func update(_ input: Double) -> Double? {
        let signed = sign * input
        now += 1
        if length > 0, times[head] <= now - period {
            head = head + 1 == period ? 0 : head + 1
            length -= 1
        }
        while length > 0, values[slot(length - 1)] <= signed { length -= 1 }
        let end = slot(length)
        values[end] = signed
        times[end] = now
        length += 1
        return isFull ? value : nil
    }

    private func slot(_ offset: Int) -> Int {
        let at = head + offset
        return at >= period ? at - period : at
    }
}
