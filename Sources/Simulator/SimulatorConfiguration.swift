// SimulatorConfiguration.swift — what to simulate: markets, accounts, speed, faults.
import Core

/// One pair and where its prices come from.
public struct SimulatedMarket: Sendable {
    public enum Source: Sendable {
        /// Bars of a CSV (time,open,high,low,close,volume), each walked through in so many
        /// seconds at speed 1; `scale` multiplies its prices.
        case bars(path: String, scale: Double = 1, secondsPerBar: Double = 3, firstBar: Int = 0)
        /// A random walk around `start`; volatility per square root of a second.
        case flow(start: Double, volatility: Double = 0.0004)
        /// A recording: lines of receive time in nanoseconds and message, plain or .gz.
        case capture(path: String)
    }

    public var symbol: String
    public var base: String
    public var quote: String
    public var source: Source
    /// Together at most 8.
    public var priceDecimals: UInt8 = 2
    public var quantityDecimals: UInt8 = 5
    /// Steps of the generated flow per second at speed 1; each is one to several events.
    public var stepsPerSecond = 120.0

    public init(symbol: String, base: String, quote: String, source: Source) {
        self.symbol = symbol
        self.base = base
        self.quote = quote
        self.source = source
    }

    /// Limits as they are usual for large pairs.
    package var instrument: Instrument {
        var instrument = Instrument(
            symbol: symbol, base: base, quote: quote, priceDecimals: priceDecimals,
            quantityDecimals: quantityDecimals)
        let one = powerOfTen(quantityDecimals)
        instrument.minPrice = 1
        instrument.maxPrice = 1_000_000 * powerOfTen(priceDecimals)
        instrument.minQuantity = 1
        instrument.maxQuantity = 9_000 * one
        instrument.maxMarketQuantity = 1_000 * one
        instrument.minNotional = Money(5)
        instrument.maxNotional = Money(9_000_000)
        return instrument
    }
}

public struct SimulatorConfiguration: Sendable {
    public var markets: [SimulatedMarket]
    /// Certificates and keys are written here; made when missing.
    public var stateDirectory: String
    /// 0 = any free one.
    public var port: UInt16 = 0
    public var seed: UInt64 = 1
    /// Market seconds per second.
    public var speed = 1.0
    /// What the demo account owns at the start.
    public var balances: [String: Money] = [:]
    public var feeRate = Money(units: 100_000)
    /// Unfilled orders per ten seconds and account.
    public var ordersPerTenSeconds = 100
    public var weightPerMinute = 6_000
    public var connections = ConnectionRules()
    /// Where it listens: 127.…, nothing else.
    public var address = "127.0.0.1"
    /// Text of a fault script (docs/simulator.md).
    public var faultScript = ""
    public var clock = Clock.system

    public init(markets: [SimulatedMarket], stateDirectory: String) {
        self.markets = markets
        self.stateDirectory = stateDirectory
    }
}

/// What a client needs to know; the keys of `sim serve --json`.
public struct SimulatorDetails: Sendable, Codable {
    public let restURL: String
    public let wsURL: String
    public let wsApiURL: String
    public let caFile: String
    public let apiKey: String
    public let apiSecret: String
    public let ed25519ApiKey: String
    public let ed25519KeyFile: String
    public let venue: String
    public let symbols: [String]

    private enum CodingKeys: String, CodingKey {
        case restURL = "rest_url"
        case wsURL = "ws_url"
        case wsApiURL = "ws_api_url"
        case caFile = "ca_file"
        case apiKey = "api_key"
        case apiSecret = "api_secret"
        case ed25519ApiKey = "ed25519_api_key"
        case ed25519KeyFile = "ed25519_key_file"
        case venue
        case symbols
    }
}
