// RollingPairs.swift — how two series go together over the last values.

/// Means, variances and covariance of the last `period` pairs by Welford's method with a leaving
/// pair, O(1) an update; computed anew every `RollingSum.renewal` pairs.
struct RollingPairs: Sendable {
    private var first, second: Window
    private var firstMean = 0.0
    private var secondMean = 0.0
    /// Σ of squared deviations and of their products.
    private(set) var firstSquares = 0.0
    private(set) var secondSquares = 0.0
    private(set) var products = 0.0
    private var sinceRenewal = 0

    init(period: Int) {
        first = Window(period)
        second = Window(period)
    }

    var isFull: Bool { first.isFull }

    mutating func update(_ x: Double, _ y: Double) {
        let oldX = first.push(x)
        let oldY = second.push(y)
        if let oldX, let oldY { leave(oldX, oldY, remaining: Double(first.count - 1)) }
        enter(x, y)
        sinceRenewal += 1
        if sinceRenewal == RollingSum.renewal { renew() }
        firstSquares = max(firstSquares, 0)
        secondSquares = max(secondSquares, 0)
    }

    private mutating func enter(_ x: Double, _ y: Double) {
        let count = Double(first.count)
        let beforeX = x - firstMean
        firstMean += beforeX / count
        let beforeY = y - secondMean
        secondMean += beforeY / count
        firstSquares += beforeX * (x - firstMean)
        secondSquares += beforeY * (y - secondMean)
        products += beforeX * (y - secondMean)
    }

    private mutating func leave(_ x: Double, _ y: Double, remaining: Double) {
        guard remaining > 0 else {
            (firstMean, secondMean, firstSquares, secondSquares, products) = (0, 0, 0, 0, 0)
            return
        }
        let beforeX = x - firstMean
        firstMean -= beforeX / remaining
        let beforeY = y - secondMean
        secondMean -= beforeY / remaining
        firstSquares -= beforeX * (x - firstMean)
        secondSquares -= beforeY * (y - secondMean)
        products -= beforeX * (y - secondMean)
    }

    private mutating func renew() {
        sinceRenewal = 0
        let count = Double(first.count)
        var sums = (x: 0.0, y: 0.0)
        for ago in 0..<first.count { sums = (sums.x + first[ago: ago], sums.y + second[ago: ago]) }
        (firstMean, secondMean) = (sums.x / count, sums.y / count)
        (firstSquares, secondSquares, products) = (0, 0, 0)
        for ago in 0..<first.count {
            let x = first[ago: ago] - firstMean
            let y = second[ago: ago] - secondMean
            firstSquares += x * x
            secondSquares += y * y
            products += x * y
        }
    }
}
