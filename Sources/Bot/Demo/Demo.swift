// Demo.swift — simulator and bot in one go: the real network path, on this machine alone.
import Core
import Foundation
import Glibc
import Risk
import Simulator

public struct DemoOptions: Sendable {
    public var speed = 1.0
    public var seed: UInt64 = 6
    /// A recorded capture; nil: generated markets.
    public var data: String?
    /// Start the page beside the bot.
    public var showsPage = true
    /// Folder of the fetched price data.
    public var dataDirectory = "data"
    /// Nil: a temporary one, removed at the end.
    public var stateDirectory: String?

    public init() {}
}

/// A venue and a bot that trades on it over TLS.
public final class Demo {
    public let session: BotSession
    public let origin: String
    /// Where the bot keeps its journal and socket.
    public let directory: String
    /// Nil: no page was asked for, or its program is not there.
    public let page: PageProcess?
    private let simulator: SimulatorServer
    private let isTemporary: Bool

    public init(
        _ options: DemoOptions, log: @escaping @Sendable (String) -> Void
    ) throws(BotError) {
        let markets =
            try options.data.map { path throws(BotError) in try DemoMarkets.capture(path) }
            ?? DemoMarkets.standard(directory: options.dataDirectory)
        origin = markets.origin
        isTemporary = options.stateDirectory == nil
        if let kept = options.stateDirectory {
            directory = kept
        } else {
            directory = try Demo.temporaryDirectory()
        }
        do throws(BotError) {
            (simulator, session) = try Demo.start(options, markets, directory, log)
        } catch {
            // Nothing was traded: there is nothing to keep.
            if isTemporary { try? FileManager.default.removeItem(atPath: directory) }
            throw error
        }
        page = options.showsPage ? Demo.startPage(session, log) : nil
    }

    /// Both or neither.
    private static func start(
        _ options: DemoOptions, _ markets: DemoMarkets, _ directory: String,
        _ log: @escaping @Sendable (String) -> Void
    ) throws(BotError) -> (SimulatorServer, BotSession) {
        let simulator = try startSimulator(options, markets, directory)
        do throws(BotError) {
            let details = simulator.details
            var environment = BotEnvironment()
            environment.log = log
            environment.keys = try keys(details)
            let session = try BotSession(
                configuration(details, directory: directory, speed: options.speed), environment)
            return (simulator, session)
        } catch {
            simulator.stop()
            throw error
        }
    }

    /// The demo goes on without the page.
    private static func startPage(
        _ session: BotSession, _ log: @Sendable (String) -> Void
    ) -> PageProcess? {
        do throws(BotError) {
            return try PageProcess.start(dataDirectory: session.directory.root)
        } catch {
            log("no page: \(error.text)")
            return nil
        }
    }

    /// A new one that is nobody else's, whoever else may write where it lies.
    private static func temporaryDirectory() throws(BotError) -> String {
        let folder = FileManager.default.temporaryDirectory.path
        var template = Array("\(folder)/needletail-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .setup("no folder can be made in \(folder): \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func startSimulator(
        _ options: DemoOptions, _ markets: DemoMarkets, _ directory: String
    ) throws(BotError) -> SimulatorServer {
        var configuration = SimulatorConfiguration(
            markets: markets.markets, stateDirectory: directory + "/venue")
        configuration.speed = options.speed
        configuration.seed = options.seed
        configuration.balances = ["USDT": Money(100_000), "USD": Money(100_000)]
        do throws(SimulatorError) {
            return try SimulatorServer.start(configuration)
        } catch {
            throw .setup("the venue simulator cannot start: \(error)")
        }
    }

    private static func keys(_ details: SimulatorDetails) throws(BotError) -> VenueKeys {
        guard let data = FileManager.default.contents(atPath: details.ed25519KeyFile) else {
            throw .setup("\(details.ed25519KeyFile) cannot be read")
        }
        let pem = Secret(String(decoding: data, as: UTF8.self))
        return VenueKeys(apiKey: details.ed25519ApiKey, hmacSecret: nil, ed25519: pem)
    }

    /// Limits are tight, so that the demo shows a gate that would also hold for real.
    private static func configuration(
        _ details: SimulatorDetails, directory: String, speed: Double
    ) -> Configuration {
        var configuration = Configuration()
        configuration.mode = .live
        configuration.dataDirectory = directory + "/bot"
        configuration.symbols = details.symbols
        configuration.venue.environment = .simulator
        configuration.venue.restURL = details.restURL
        configuration.venue.streamURL = details.wsURL
        configuration.venue.orderURL = details.wsApiURL
        configuration.venue.caFile = details.caFile
        configuration.strategy.fast = 3
        configuration.strategy.slow = 8
        configuration.strategy.sampleMilliseconds = max(10, Int64(100 / speed))
        configuration.strategy.value = Money(500)
        configuration.account = demoAccount
        configuration.defaultLimits.maxOrder = "1000"
        configuration.defaultLimits.maxPosition = "1000"
        configuration.defaultLimits.maxOrderValue = Money(1_000)
        configuration.absenceGapMilliseconds = 2_000
        return configuration
    }

    private static var demoAccount: AccountPolicy {
        var account = AccountPolicy()
        account.maxGrossValue = Money(5_000)
        account.maxOpenValue = Money(2_000)
        account.maxDailyLoss = Money(1_000)
        account.maxOpenOrders = 10
        account.maxOrdersPerSecond = 20
        return account
    }

    /// Ends both; the temporary directory goes when everything ended well.
    public func finish(_ runner: SessionRunner, keepOrders: Bool) -> RunSummary {
        page?.stop()
        var summary = runner.finish(keepOrders: keepOrders)
        summary.dashboardUrl = page?.url
        simulator.stop()
        if isTemporary, summary.cleanShutdown {
            // What cannot be removed stays in the temporary folder.
            try? FileManager.default.removeItem(atPath: directory)
        }
        return summary
    }
}
