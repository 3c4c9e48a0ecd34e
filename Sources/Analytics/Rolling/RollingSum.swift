// RollingSum.swift — the sum over the last values, without drift.

/// Sum of the last `period` inputs, O(1) an update. Compensated (Neumaier 1974) and summed anew
/// every `renewal` inputs, so that what left long ago leaves no trace.
struct RollingSum: Sendable {
    static let renewal = 4096

    private(set) var window: Window
    private var sum = 0.0
    private var compensation = 0.0
    private var sinceRenewal = 0

    init(period: Int) { window = Window(period) }

    var value: Double { sum + compensation }

    /// Takes `input`; returns the sum, nil until there are `period` inputs.
    mutating func update(_ input: Double) -> Double? {
        if let leaving = window.push(input) { add(-leaving) }
        add(input)
        sinceRenewal += 1
        if sinceRenewal == Self.renewal { renew() }
        return window.isFull ? value : nil
    }

    @inline(__always)
    private mutating func add(_ term: Double) {
        let total = sum + term
        compensation += abs(sum) >= abs(term) ? (sum - total) + term : (term - total) + sum
        sum = total
    }

    private mutating func renew() {
        sinceRenewal = 0
        sum = 0
        compensation = 0
        for ago in stride(from: window.count - 1, through: 0, by: -1) { add(window[ago: ago]) }
    }
}
