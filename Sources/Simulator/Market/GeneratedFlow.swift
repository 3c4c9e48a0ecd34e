// GeneratedFlow.swift — makers and takers around a moving middle price, from one seed.
//
// Each step moves the middle, then does what a market does: makers quote the new middle before
// stale quotes are taken (so the book always has two sides), takers clear what the move has
// overrun, and some quotes, cancels and trades of random size keep the book breathing.
// Makers and takers have different owners, because orders of one owner never trade.
import Core
import Foundation

package struct FlowShape: Sendable {
    /// Steps per second of market time, at random gaps.
    package var stepsPerSecond = 150.0
    /// Levels per side that makers keep.
    package var levels = 16
    /// Distance between levels, as a part of the price.
    package var levelSpacing = 0.00004
    /// Typical value of one quote in the quote currency.
    package var quoteValue = 5_000.0
    /// Most live quotes per side; older ones are cancelled.
    package var maxQuotes = 60

    package init() {}
}

package final class GeneratedFlow: MarketSource {
    package let mode = MatchingEngine.Mode.open
    package private(set) var nextTime: Int64? = 0

    private enum Owner {
        static let makers: UInt64 = 1
        static let takers: UInt64 = 2
    }

    private var path: any PricePath
    private let shape: FlowShape
    private var random: Random
    private var previous: Int64 = 0
    /// Live quotes per side, oldest first; filled ones are dropped when they are met.
    private var quotes: [[UInt64]] = [[], []]
    private var nextID: UInt64

    /// `seed` should differ between markets; `idBase` must.
    package init(path: any PricePath, shape: FlowShape = FlowShape(), seed: UInt64, idBase: UInt64)
    {
        self.path = path
        self.shape = shape
        random = Random(seed: seed)
        nextID = (1 << 63) | (idBase << 48)
    }

    package func step(_ desk: MarketDesk) {
        let time = nextTime ?? previous
        let listing = desk.exchange.markets[desk.market].listing
        let middle = path.advance(by: Double(time - previous) / 1e9, &random)
        previous = time
        let gap = -log(1 - random.unit()) / shape.stepsPerSecond
        nextTime = time + max(1_000, Int64(gap * 1e9))

        let ladder = Ladder(middle: middle, listing: listing, shape: shape)
        requote(desk, ladder)
        clearOverrun(desk, ladder)
        requote(desk, ladder)
        breathe(desk, ladder)
        dropOldQuotes(desk)
    }

    // MARK: Makers

    /// Fills the gaps of the ladder; quotes that would take are refused and do no harm.
    private func requote(_ desk: MarketDesk, _ ladder: Ladder) {
        for side in Side.allCases {
            let resting = desk.levels(side, limit: shape.maxQuotes)
            var next = 0
            for index in 0..<shape.levels {
                let price = ladder.price(side, level: index)
                while next < resting.count, (resting[next].price - price) * side.sign > 0 {
                    next += 1
                }
                let isCovered =
                    next < resting.count
                    && (price - resting[next].price) * side.sign < ladder.spacing
                if !isCovered { quote(desk, side, price, ladder) }
            }
        }
    }

    private func quote(_ desk: MarketDesk, _ side: Side, _ price: Int64, _ ladder: Ladder) {
        guard price > 0 else { return }
        let lots = ladder.lots(worth: shape.quoteValue * (0.3 - log(1 - random.unit())))
        let id = takeID()
        let events = desk.exchange.placeHouse(
            MatchingEngine.Order(
                id: id, owner: 0, side: side, type: .limitMaker, price: price, quantity: lots),
            owner: Owner.makers, market: desk.market, now: desk.now)
        if events.first?.kind == .accepted { quotes[Int(side.rawValue)].append(id) }
    }

    private func dropOldQuotes(_ desk: MarketDesk) {
        for side in quotes.indices {
            while quotes[side].count > shape.maxQuotes {
                desk.exchange.cancelHouse(
                    quotes[side].removeFirst(), market: desk.market, now: desk.now)
            }
        }
    }

    // MARK: Takers

    /// Takes every quote on the wrong side of the middle, at its own price.
    private func clearOverrun(_ desk: MarketDesk, _ ladder: Ladder) {
        for side in Side.allCases {
            let limit = ladder.touch(side.opposite)
            let overrun = desk.levels(side.opposite, limit: 200).prefix {
                ($0.price - limit) * side.sign < 0
            }
            let lots = overrun.reduce(0) { $0 + $1.quantity }
            guard lots > 0, let last = overrun.last else { continue }
            take(desk, side, price: last.price, lots: lots)
        }
    }

    private func take(_ desk: MarketDesk, _ side: Side, price: Int64, lots: Int64) {
        desk.exchange.placeHouse(
            MatchingEngine.Order(
                id: takeID(), owner: 0, side: side, type: .limit, timeInForce: .ioc, price: price,
                quantity: lots),
            owner: Owner.takers, market: desk.market, now: desk.now)
    }

    /// A random quote, cancel or trade.
    private func breathe(_ desk: MarketDesk, _ ladder: Ladder) {
        let side: Side = random.below(2) == 0 ? .buy : .sell
        switch random.below(100) {
        case 0..<45:
            let level = Int(random.below(UInt64(shape.levels)))
            let away = Int64(random.below(UInt64(max(1, ladder.spacing))))
            quote(desk, side, ladder.price(side, level: level) - side.sign * away, ladder)
        case 45..<80:
            let index = Int(side.rawValue)
            guard quotes[index].count > shape.levels else { return }
            let victim = Int(random.below(UInt64(quotes[index].count)))
            desk.exchange.cancelHouse(
                quotes[index].remove(at: victim), market: desk.market, now: desk.now)
        default:
            guard let best = desk.best(side.opposite) else { return }
            let value = random.powerLaw(
                minimum: shape.quoteValue / 40, alpha: 1.5, limit: shape.quoteValue * 4)
            let reach = best.price + side.sign * 3 * ladder.spacing
            take(desk, side, price: reach, lots: ladder.lots(worth: value))
        }
    }

    private func takeID() -> UInt64 {
        nextID += 1
        return nextID
    }
}

/// Where quotes belong around one middle price, in ticks.
struct Ladder {
    let spacing: Int64
    private let middleTicks: Double
    private let unitValue: Double

    init(middle: Double, listing: Listing, shape: FlowShape) {
        middleTicks = middle * 1e8 / Double(listing.tickUnits)
        spacing = max(1, Int64(middleTicks * shape.levelSpacing))
        unitValue = middle * Double(listing.lotUnits) / 1e8
    }

    /// Best price that a maker of `side` should show.
    func touch(_ side: Side) -> Int64 {
        let below = Int64(middleTicks.rounded(.down))
        return side == .buy ? below : below + 1
    }

    func price(_ side: Side, level: Int) -> Int64 {
        touch(side) - side.sign * Int64(level) * spacing
    }

    /// At least one lot.
    func lots(worth value: Double) -> Int64 { max(1, Int64(value / unitValue)) }
}
