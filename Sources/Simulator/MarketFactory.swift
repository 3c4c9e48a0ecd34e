// MarketFactory.swift — from a configuration to markets, their sources and the driver.
import Core

enum MarketFactory {
    /// An exchange without accounts, and what moves its markets.
    static func make(
        _ markets: [SimulatedMarket], seed: UInt64, fees: Fees
    ) throws(SimulatorError) -> (exchange: Exchange, driver: MarketDriver) {
        guard !markets.isEmpty else { throw SimulatorError("no market to simulate") }
        guard Set(markets.map(\.symbol)).count == markets.count else {
            throw SimulatorError("a symbol appears twice")
        }
        var made: [Market] = []
        var sources: [any MarketSource] = []
        for (index, market) in markets.enumerated() {
            let source = try source(market, index: UInt64(index), seed: seed)
            let listing = try Listing(market.instrument)
            do {
                made.append(try Market(listing, mode: source.mode))
            } catch {
                throw SimulatorError("\(market.symbol): \(error)")
            }
            sources.append(source)
        }
        let exchange = Exchange(markets: made, fees: fees)
        return (exchange, MarketDriver(exchange: exchange, sources: sources))
    }

    private static func source(
        _ market: SimulatedMarket, index: UInt64, seed: UInt64
    ) throws(SimulatorError) -> any MarketSource {
        let path: any PricePath
        switch market.source {
        case .capture(let file): return try CaptureSource(path: file)
        case .flow(let start, let volatility):
            guard start > 0, volatility >= 0 else {
                throw SimulatorError("\(market.symbol): start must be positive")
            }
            path = WanderingPath(start: start, volatility: volatility)
        case .bars(let file, let scale, let secondsPerBar, let firstBar):
            guard scale > 0, secondsPerBar > 0, firstBar >= 0 else {
                throw SimulatorError("\(market.symbol): scale and seconds per bar must be positive")
            }
            path = BarPath(
                bars: try PriceBar.read(path: file), secondsPerBar: secondsPerBar, scale: scale,
                firstBar: firstBar)
        }
        var shape = FlowShape()
        shape.stepsPerSecond = market.stepsPerSecond
        // Any odd constant would do: markets of one seed must not move in step.
        let ownSeed = seed &+ index &* 0x9E37_79B9_7F4A_7C15
        return GeneratedFlow(path: path, shape: shape, seed: ownSeed, idBase: index)
    }
}
