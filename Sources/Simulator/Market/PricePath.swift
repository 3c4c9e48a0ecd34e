// PricePath.swift — the path that a generated market's price follows, as a function of its time.
import Core
import Foundation

/// A middle price that moves on; `Double` because it is generated, never traded on as such.
package protocol PricePath {
    /// Price `seconds` after the previous call.
    mutating func advance(by seconds: Double, _ random: inout Random) -> Double
}

/// A random walk that is pulled back to where it started, so that it stays in sight for hours.
package struct WanderingPath: PricePath {
    private let start: Double
    /// Standard deviation of the logarithm per square root of a second.
    private let volatility: Double
    private let pull: Double
    private var offset = 0.0

    package init(start: Double, volatility: Double = 0.0004, pull: Double = 0.01) {
        self.start = start
        self.volatility = volatility
        self.pull = pull
    }

    package mutating func advance(by seconds: Double, _ random: inout Random) -> Double {
        offset += -pull * offset * seconds + volatility * seconds.squareRoot() * random.normal()
        return start * exp(offset)
    }
}

/// Walks each bar from its open over both extremes to its close, in equal legs, and begins again
/// after the last bar, shifted so that the price does not jump.
package struct BarPath: PricePath {
    private let bars: [PriceBar]
    private let secondsPerBar: Double
    private var index: Int
    private var elapsed = 0.0
    /// Joins the end of the series to its beginning.
    private var scale: Double

    /// `bars` must not be empty.
    package init(bars: [PriceBar], secondsPerBar: Double, scale: Double, firstBar: Int = 0) {
        precondition(!bars.isEmpty, "a path needs at least one bar")
        self.bars = bars
        self.secondsPerBar = secondsPerBar
        self.scale = scale
        index = firstBar % bars.count
    }

    package mutating func advance(by seconds: Double, _ random: inout Random) -> Double {
        elapsed += seconds
        while elapsed >= secondsPerBar {
            elapsed -= secondsPerBar
            let ended = bars[index]
            index = (index + 1) % bars.count
            if index == 0 { scale *= ended.close / bars[0].open }
        }
        return scale * Self.price(in: bars[index], at: elapsed / secondsPerBar)
    }

    /// `part` of the way through the bar, 0 ..< 1.
    private static func price(in bar: PriceBar, at part: Double) -> Double {
        // A rising bar looks down first, a falling one up: the usual reading of a lone bar.
        let corners =
            bar.close >= bar.open
            ? [bar.open, bar.low, bar.high, bar.close] : [bar.open, bar.high, bar.low, bar.close]
        let leg = min(2, Int(part * 3))
        let along = part * 3 - Double(leg)
        return corners[leg] + (corners[leg + 1] - corners[leg]) * along
    }
}

extension Random {
    /// Standard normal, by Box and Muller.
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return radius * cos(2 * .pi * unit())
    }

    /// At least `minimum`, rarely very much more: exponent `alpha` of a Pareto distribution.
    mutating func powerLaw(minimum: Double, alpha: Double, limit: Double) -> Double {
        min(limit, minimum * pow(1 - unit(), -1 / alpha))
    }
}
