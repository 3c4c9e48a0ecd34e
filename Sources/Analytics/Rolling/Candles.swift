// Candles.swift — what candlestick patterns measure bars by.

/// The last bars, and what is long, short or near among them: the averages of the bars before the
/// one that is judged, with TA-Lib's standard settings.
struct Candles: Sendable {
    private enum Measure { case body, range }

    private static let memory = 13
    private var bars: [Bar]
    private var next = 0
    private(set) var count = 0

    init() {
        bars = [Bar](
            repeating: Bar(open: 0, high: 0, low: 0, close: 0, volume: 0), count: Self.memory)
    }

    mutating func push(_ bar: Bar) {
        bars[next] = bar
        next = next + 1 == Self.memory ? 0 : next + 1
        if count < Self.memory { count += 1 }
    }

    /// The bar `ago` bars before the newest.
    subscript(ago: Int) -> Bar {
        let at = next - 1 - ago
        return bars[at < 0 ? at + Self.memory : at]
    }

    private func average(_ measure: Measure, _ period: Int, before ago: Int) -> Double {
        var sum = 0.0
        for earlier in 1...period {
            let bar = self[ago + earlier]
            switch measure {
            case .body: sum += bar.body
            case .range: sum += bar.range
            }
        }
        return sum / Double(period)
    }

    func usualBody(_ ago: Int) -> Double { average(.body, 10, before: ago) }
    func dojiBody(_ ago: Int) -> Double { 0.1 * average(.range, 10, before: ago) }
    func veryShortShadow(_ ago: Int) -> Double { 0.1 * average(.range, 10, before: ago) }
    func near(_ ago: Int) -> Double { 0.2 * average(.range, 5, before: ago) }
    func far(_ ago: Int) -> Double { 0.6 * average(.range, 5, before: ago) }
}

extension Bar {
    var isWhite: Bool { close >= open }
    var bodyTop: Double { max(open, close) }
    var bodyBottom: Double { min(open, close) }
    var upperShadow: Double { high - bodyTop }
    var lowerShadow: Double { bodyBottom - low }
}
