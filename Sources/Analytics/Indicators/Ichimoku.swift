// Ichimoku.swift — the cloud.

/// Middles of the ranges of `conversion` and `base` bars, and the cloud as it stands over the
/// current bar: what was computed `base` bars ago. The lagging line is left out: it is the close,
/// drawn over the past. Warm-up: span + base − 1. O(1) an update.
public struct Ichimoku: Indicator {
    public struct Output: IndicatorOutput, Equatable {
        public var conversion, base, spanA, spanB: Double
        public static var lines: Int { 4 }
        public subscript(line line: Int) -> Double {
            line == 0 ? conversion : line == 1 ? base : line == 2 ? spanA : spanB
        }
    }

    private let displacement: Int
    public let lookback: Int
    private var short, middle, long: MidPrice
    private var spansA, spansB: Window

    /// - Precondition: all periods are positive.
    public init(conversion: Int = 9, base: Int = 26, span: Int = 52) {
        displacement = base
        lookback = max(conversion, base, span) + base - 1
        short = MidPrice(period: conversion)
        middle = MidPrice(period: base)
        long = MidPrice(period: span)
        spansA = Window(base + 1)
        spansB = Window(base + 1)
    }

    public mutating func update(_ bar: Bar) -> Output? {
        let conversion = short.update(bar)
        let base = middle.update(bar)
        guard let far = long.update(bar), let conversion, let base else { return nil }
        spansA.push((conversion + base) / 2)
        spansB.push(far)
        guard spansA.isFull else { return nil }
        return Output(
            conversion: conversion, base: base, spanA: spansA.oldest, spanB: spansB.oldest)
    }

    static let entry = IndicatorEntry(
        "ICHIMOKU", "Ichimoku cloud", .trend,
        parameters: [.period(9, "conversion"), .period(26, "base"), .period(52, "span")],
        inputs: [.high, .low], lines: ["conversion", "base", "span-a", "span-b"],
        source: "Hosoda 1969"
    ) { Ichimoku(conversion: $0.whole(0), base: $0.whole(1), span: $0.whole(2)) }
}
