// Window.swift — the last values of a series.

/// A ring of the last `capacity` values. Pushing never allocates.
struct Window: Sendable {
    let capacity: Int
    private(set) var count = 0
    private var values: [Double]
    private var next = 0

    init(_ capacity: Int) {
        precondition(capacity > 0, "period must be positive")
        self.capacity = capacity
        values = [Double](repeating: 0, count: capacity)
    }

    var isFull: Bool { count == capacity }

    /// Adds `value`; returns the one that leaves, nil while there is room.
    @discardableResult
    mutating func push(_ value: Double) -> Double? {
        let leaving = values[next]
        values[next] = value
        next = next + 1 == capacity ? 0 : next + 1
        if count == capacity { return leaving }
        count += 1
        return nil
    }

    /// The value `ago` pushes before the newest, which is 0.
    subscript(ago ago: Int) -> Double {
        let at = next - 1 - ago
        return values[at < 0 ? at + capacity : at]
    }

    var oldest: Double { self[ago: count - 1] }

    /// Visits the values, the newest first.
    @inline(__always)
    func forEach(_ body: (Double) -> Void) {
        for ago in 0..<count { body(self[ago: ago]) }
    }
}
