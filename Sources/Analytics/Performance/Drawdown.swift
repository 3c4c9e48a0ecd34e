// Drawdown.swift — how far below its best the equity was.

/// Depths of an equity below its highest value so far, begun at one unit.
public struct Drawdown: Sendable {
    /// 0 at a new high, −0.2 a fifth below it; one for each return.
    public let depths: [Double]

    init(returns: [Double]) {
        var equity = 1.0
        var best = 1.0
        depths = returns.map { change in
            equity *= 1 + change
            best = max(best, equity)
            return equity / best - 1
        }
    }

    public var deepest: Double { min(depths.min() ?? 0, 0) }

    /// Periods from the high before the deepest point to it, and on to the next high; nil for the
    /// latter while it is not reached.
    public var deepestSpan: (fall: Int, recovery: Int?) {
        guard let bottom = depths.indices.min(by: { depths[$0] < depths[$1] }), depths[bottom] < 0
        else { return (0, 0) }
        let high = depths[..<bottom].lastIndex { $0 >= 0 } ?? -1
        let back = depths[bottom...].firstIndex { $0 >= 0 }
        return (bottom - high, back.map { $0 - bottom })
    }

    /// Most periods in a row below a high.
    public var longest: Int { ReturnSeries.longestRun(depths) { $0 < 0 } }
}

extension ReturnSeries {
    public var drawdown: Drawdown { Drawdown(returns: returns) }
}
