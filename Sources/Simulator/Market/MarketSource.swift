// MarketSource.swift — where the flow of a market comes from: bars, a seeded path, a recording.
//
// A source acts at times of its own, in nanoseconds since the market opened. Run in the order of
// those times it does the same whatever the wall clock did, so one seed is one history.
import Core

/// What a source may see and do in its market.
package struct MarketDesk {
    package let exchange: Exchange
    package let market: Int
    /// Milliseconds UTC, stamped on what happens.
    package let now: Int64

    package func best(_ side: Side) -> MatchingEngine.Level? { exchange.markets[market].best(side) }

    package func levels(_ side: Side, limit: Int) -> [MatchingEngine.Level] {
        exchange.markets[market].depth(side, limit: limit)
    }
}

/// A generator or a recording; steps are called in order of `nextTime`.
package protocol MarketSource: AnyObject {
    var mode: MatchingEngine.Mode { get }
    /// When it acts next, nanoseconds since the opening; nil when it has nothing more.
    var nextTime: Int64? { get }
    /// Acts once and moves `nextTime` on.
    func step(_ desk: MarketDesk)
}

/// Steps several sources in the order of their times.
package final class MarketDriver {
    private let exchange: Exchange
    private let sources: [any MarketSource]
    /// Steps taken since the start.
    package private(set) var steps: UInt64 = 0

    /// `sources[i]` moves `exchange.markets[i]`.
    package init(exchange: Exchange, sources: [any MarketSource]) {
        precondition(sources.count == exchange.markets.count, "one source per market")
        self.exchange = exchange
        self.sources = sources
    }

    /// When the next step is due, nanoseconds since the opening.
    package var nextTime: Int64? { sources.compactMap(\.nextTime).min() }

    /// Takes the steps due at `time`, at most `limit`; `nextTime` tells whether that was all.
    package func advance(to time: Int64, now: Int64, limit: Int = .max) {
        for _ in 0..<limit {
            var due: (index: Int, time: Int64)?
            for (index, source) in sources.enumerated() {
                guard let next = source.nextTime, next <= time else { continue }
                if due == nil || next < due?.time ?? 0 { due = (index, next) }
            }
            guard let due else { return }
            sources[due.index].step(MarketDesk(exchange: exchange, market: due.index, now: now))
            steps += 1
        }
    }
}
