// BinanceEnvironment.swift — where Binance is: production, its two sandboxes, or a host of ours.

/// One server: who to connect to and under which name.
public struct BinanceHost: Sendable, Hashable {
    public var host: String
    public var port: UInt16

    public init(_ host: String, port: UInt16 = 443) {
        self.host = host
        self.port = port
    }
}

/// The three servers of one world; they share accounts and market.
public struct BinanceEnvironment: Sendable, Hashable {
    public var name: String
    public var rest: BinanceHost
    public var streams: BinanceHost
    public var webSocketAPI: BinanceHost
    /// PEM file of the trusted certificates; nil: the system's store.
    public var caFile: String?

    public static let production = BinanceEnvironment(
        name: "production", rest: BinanceHost("api.binance.com"),
        streams: BinanceHost("stream.binance.com"), webSocketAPI: BinanceHost("ws-api.binance.com"))

    /// Public market data without a key: no account, no orders.
    public static let marketData = BinanceEnvironment(
        name: "market-data", rest: BinanceHost("data-api.binance.vision"),
        streams: BinanceHost("data-stream.binance.vision"),
        webSocketAPI: BinanceHost("ws-api.binance.com"))

    public static let testnet = BinanceEnvironment(
        name: "testnet", rest: BinanceHost("testnet.binance.vision"),
        streams: BinanceHost("stream.testnet.binance.vision"),
        webSocketAPI: BinanceHost("ws-api.testnet.binance.vision"))

    public static let demo = BinanceEnvironment(
        name: "demo", rest: BinanceHost("demo-api.binance.com"),
        streams: BinanceHost("demo-stream.binance.com"),
        webSocketAPI: BinanceHost("demo-ws-api.binance.com"))

    /// Everything on one server, such as the simulator's.
    public static func custom(
        host: String, port: UInt16, caFile: String?
    ) -> BinanceEnvironment {
        let server = BinanceHost(host, port: port)
        return BinanceEnvironment(
            name: "custom", rest: server, streams: server, webSocketAPI: server, caFile: caFile)
    }

    public init(
        name: String, rest: BinanceHost, streams: BinanceHost, webSocketAPI: BinanceHost,
        caFile: String? = nil
    ) {
        self.name = name
        self.rest = rest
        self.streams = streams
        self.webSocketAPI = webSocketAPI
        self.caFile = caFile
    }

    /// Of combined streams; the codec subscribes after the upgrade.
    public static let streamPath = "/stream"
    public static let webSocketAPIPath = "/ws-api/v3"
}
