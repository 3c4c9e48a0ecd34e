// EventWeights.swift — how much labels that overlap are worth.

import Foundation

/// Overlap of events in time (López de Prado 2018, chapter 4): two labels made from the same bars
/// are not two observations.
public struct EventWeights: Sendable {
    /// First and last bar of each event.
    public let spans: [ClosedRange<Int>]
    /// Events that are open at each bar.
    public let concurrency: [Int]

    /// - Precondition: all spans lie in `0..<bars`.
    public init(spans: [ClosedRange<Int>], bars: Int) {
        var steps = [Int](repeating: 0, count: bars + 1)
        for span in spans {
            precondition(span.lowerBound >= 0 && span.upperBound < bars, "an event beyond the bars")
            steps[span.lowerBound] += 1
            steps[span.upperBound + 1] -= 1
        }
        var open = 0
        self.spans = spans
        concurrency = steps.dropLast().map { step in
            open += step
            return open
        }
    }

    /// Mean over the event's bars of one over the events open there: 1 where it is alone.
    public var uniqueness: [Double] {
        spans.map { span in
            span.reduce(0) { $0 + 1 / Double(concurrency[$1]) } / Double(span.count)
        }
    }

    /// |Σ log return / concurrency| over the event's bars, scaled to a mean of 1. `closes` are
    /// positive; the return of the first bar of all is 0.
    public func returnAttribution(closes: [Double]) -> [Double] {
        let raw = spans.map { span in
            abs(
                span.reduce(0) { sum, bar in
                    let change = bar == 0 ? 0 : log(closes[bar] / closes[bar - 1])
                    return sum + change / Double(concurrency[bar])
                })
        }
        let total = raw.reduce(0, +)
        guard total > 0 else { return raw.map { _ in 1 } }
        return raw.map { $0 * Double(raw.count) / total }
    }

    /// Factors that rise in a straight line with uniqueness gathered, from `oldest` at the first
    /// event to 1 at the last.
    /// - Precondition: `oldest` lies in 0…1, events are in order of time.
    public func timeDecay(oldest: Double) -> [Double] {
        precondition((0...1).contains(oldest), "oldest must lie in 0…1")
        let unique = uniqueness
        let total = unique.reduce(0, +)
        var gathered = 0.0
        return unique.map { part in
            gathered += part
            return oldest + (1 - oldest) * gathered / total
        }
    }
}
