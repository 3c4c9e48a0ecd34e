// PurgedFolds.swift — cross-validation whose training knows nothing of its test.

/// One way to divide: places of events, in order.
public struct Split: Sendable, Equatable {
    public let training: [Int]
    /// Runs of neighbouring test events.
    public let tests: [Range<Int>]
}

/// k folds of events in order of time. A training event whose bars meet those of the test, or that
/// begins within the embargo after it, is left out (López de Prado 2018, chapter 7).
public struct PurgedFolds: Sendable {
    public let count: Int
    /// In parts of the bars from the first event's start to the last one's end.
    public let embargo: Double

    /// - Precondition: at least 2 folds; `embargo` lies in 0..<1.
    public init(count: Int, embargo: Double) {
        precondition(count > 1 && (0..<1).contains(embargo), "at least 2 folds, embargo in 0..<1")
        self.count = count
        self.embargo = embargo
    }

    /// - Parameter spans: first and last bar of each event, by first bar.
    public func splits(_ spans: [ClosedRange<Int>]) -> [Split] {
        let begin = spans.first?.lowerBound ?? 0
        let end = spans.map(\.upperBound).max() ?? begin
        let waiting = Int(embargo * Double(end - begin + 1))
        return Folds.even(spans.count, into: count).map { test in
            let first = spans[test].map(\.lowerBound).min() ?? 0
            let last = spans[test].map(\.upperBound).max() ?? 0
            let training = spans.indices.filter { event in
                let span = spans[event]
                let meets = span.lowerBound <= last && span.upperBound >= first
                let waits = span.lowerBound > last && span.lowerBound <= last + waiting
                return !test.contains(event) && !meets && !waits
            }
            return Split(training: training, tests: [test])
        }
    }
}

enum Folds {
    /// Neighbouring runs that differ by at most one; the first ones are the longer.
    static func even(_ count: Int, into folds: Int) -> [Range<Int>] {
        var start = 0
        return (0..<folds).map { fold in
            let length = count / folds + (fold < count % folds ? 1 : 0)
            defer { start += length }
            return start..<(start + length)
        }
    }
}
