// Configuration.swift — one file, validated whole, as values.
import Core
import Risk

public enum Mode: String, Sendable, CaseIterable {
    /// The venue's real market data; orders filled by our own matcher. No key needed.
    case paper
    /// Orders go to the venue.
    case live
}

public enum VenueEnvironment: String, Sendable, CaseIterable {
    case production
    case testnet
    case demo
    /// A venue simulator on this machine; its URLs are given.
    case simulator
}

public struct VenueSettings: Sendable {
    public var name = "binance"
    public var environment = VenueEnvironment.production
    /// The name that `--arm-live` must repeat; nil: any name will do.
    public var account: String?
    /// `simulator` only.
    public var restURL: String?
    public var streamURL: String?
    public var orderURL: String?
    public var caFile: String?
    /// Of the shared request budget; nil: the venue's own, simulators: none.
    public var budgetFile: String?
    /// Our share of the venue's limits.
    public var budgetPercent: Int64 = 90

    public init() {}
}

public struct StrategySettings: Sendable {
    public var name = "ema_cross"
    public var fast = 8
    public var slow = 21
    public var sampleMilliseconds: Int64 = 1000
    /// Value of one position in the quote currency.
    public var value = Money(100)
    public var slippagePPM: Int64 = 500

    public init() {}
}

public struct PaperSettings: Sendable {
    public var latencyMilliseconds: Int64 = 20
    /// Fractions of the value: 0.001 = 0.1 %.
    public var makerFee = 0.001
    public var takerFee = 0.001

    public init() {}
}

public struct StreamSettings: Sendable {
    /// A second connection with the same market data; whichever copy comes first counts.
    public var standby = true
    /// Connections are opened anew at this age, before the venue ends them; 0: never.
    public var renewAfterSeconds: Int64 = 82_800

    public init() {}
}

public struct LaneSettings: Sendable {
    public var spin = false
    public var waitMicroseconds: Int64 = 2000
    public var cpu: Int32?

    public init() {}
}

public struct Configuration: Sendable {
    public var mode = Mode.paper
    /// Journal, tape, socket. Relative paths count from the file's folder.
    public var dataDirectory = "var"
    public var venue = VenueSettings()
    public var notify = NotifySettings()
    public var symbols: [String] = []
    public var strategy = StrategySettings()
    public var account = AccountPolicy()
    /// By symbol; `defaultLimits` for those not named.
    public var instruments: [String: InstrumentPolicy] = [:]
    public var defaultLimits = InstrumentPolicy()
    public var paper = PaperSettings()
    public var streams = StreamSettings()
    public var lane = LaneSettings()
    public var watch = WatchSettings()
    public var guardian = GuardSettings()
    /// Ask the venue about silent orders so often; milliseconds.
    public var replyTimeoutMilliseconds: Int64 = 2000
    /// Between the two "not found" that prove an order absent; milliseconds.
    public var absenceGapMilliseconds: Int64 = 60_000
    /// An order waits so long for a busy connection; milliseconds, 0: not at all.
    public var queueMilliseconds: Int64 = 250
    /// Everything is compared with the venue so often; seconds, 0: at log-ons alone.
    public var reconcileSeconds: Int64 = 300
    public var keepTape = true
    public var durability = Durability.group
    /// Records gather so long for one sync; milliseconds.
    public var groupMilliseconds: Int64 = 1

    public init() {}

    public func policy(_ symbol: String) -> InstrumentPolicy {
        instruments[symbol] ?? defaultLimits
    }
}

/// One thing wrong with a configuration: where, what, and how to mend it.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible, Encodable {
    public var file: String
    public var line: Int
    public var key: String
    public var problem: String
    public var mend: String

    public var description: String { "\(file):\(line): \(key): \(problem). \(mend)" }
}

/// Everything wrong with it, at once.
public struct ConfigurationError: Error {
    public var problems: [ConfigurationProblem]
}
