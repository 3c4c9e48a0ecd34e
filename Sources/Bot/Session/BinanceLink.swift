// BinanceLink.swift — joins Binance's slow side, its wire codec and its addresses for one bot.
import Binance
import Core
import Foundation
import VenueKit

/// Services threads; the codec itself belongs to the lane.
final class BinanceLink: VenueAccess {
    let budget: SharedBudget
    private let venue: BinanceVenue
    private let environment: BinanceEnvironment
    private let transport: NamedTransport
    let names: NameBook
    private var codec: BinanceCodec?
    private var offset: Int64 = 0

    init(
        _ settings: VenueSettings, keys: VenueKeys?, clock: Clock, names: NameBook = NameBook()
    ) throws(BotError) {
        environment = try BinanceLink.environment(settings, hasKeys: keys != nil)
        self.names = names
        do throws(CoreError) {
            transport = NamedTransport(try Connector(), names: names)
        } catch {
            throw .setup("the connector cannot start: \(error.text)")
        }
        let credentials = keys?.credentials()
        budget = try SharedBudget(
            settings, name: environment.name,
            mark: BinanceVenue.accountMark(environment, credentials))
        do throws(VenueError) {
            venue = try BinanceVenue(
                environment, credentials: credentials, transport: transport, clock: clock,
                budget: budget.budget)
        } catch {
            throw .setup(error.text)
        }
    }

    /// The guard's own way to the venue: a connection, a key, and nothing of the lane.
    static func killSwitch(
        _ settings: VenueSettings, keys: VenueKeys?, clock: Clock
    ) throws(BotError) -> any KillSwitch {
        try BinanceLink(settings, keys: keys, clock: clock).venue
    }

    private static func environment(
        _ settings: VenueSettings, hasKeys: Bool
    ) throws(BotError) -> BinanceEnvironment {
        switch settings.environment {
        case .production: return hasKeys ? .production : .marketData
        case .testnet: return .testnet
        case .demo: return .demo
        case .simulator:
            return BinanceEnvironment(
                name: "simulator", rest: try loopback(settings.restURL, "rest_url"),
                streams: try loopback(settings.streamURL, "ws_url"),
                webSocketAPI: try loopback(settings.orderURL, "ws_api_url"),
                caFile: settings.caFile)
        }
    }

    /// `environment: simulator` never leaves this machine, whatever the file says.
    private static func loopback(_ text: String?, _ key: String) throws(BotError) -> BinanceHost {
        guard let text, let url = URLComponents(string: text), let host = url.host,
            let port = url.port, (1...65_535).contains(port)
        else { throw .setup("venue.\(key) must be a URL with host and port") }
        guard ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host) else {
            throw .refused("venue.\(key): environment: simulator takes loopback addresses only")
        }
        return BinanceHost(host, port: UInt16(port))
    }

    var slowVenue: (any Venue)? { venue.credentials == nil ? nil : venue }

    func rules(_ symbols: [String]) throws -> [InstrumentRules] { try venue.rules(symbols) }

    func readClock() throws -> ClockReading { try venue.readClock() }

    func ping() throws { _ = try venue.serverTime() }

    var hosts: [String] { [environment.rest.host] }

    var certificateEnds: [String: Int64] { transport.certificateEnds }

    /// What each of the venue's hosts shows now, in order and each once.
    func certificates() -> [VenueCertificate] {
        let servers = [environment.rest, environment.streams, environment.webSocketAPI]
        let once = servers.enumerated().filter { !servers[..<$0.offset].contains($0.element) }
        return once.map { certificate(of: $0.element) }
    }

    /// Any answer shows it: what is asked for does not matter.
    private func certificate(of server: BinanceHost) -> VenueCertificate {
        var request = HTTPRequest(
            method: "GET", host: server.host, port: server.port, target: "/")
        request.caFile = environment.caFile
        do throws(HTTPFailure) {
            let response = try transport.perform(request)
            return VenueCertificate(host: server.host, end: response.certificateEnd, problem: nil)
        } catch {
            return VenueCertificate(host: server.host, end: nil, problem: error.text)
        }
    }

    func kind(ofCode code: Int) -> VenueError.Kind? { BinanceVenue.kind(ofCode: code) }

    func setClockOffset(_ nanoseconds: Int64) {
        offset = nanoseconds
        venue.setClockOffset(nanoseconds)
        codec?.setClockOffset(nanoseconds)
    }

    func depthBody(_ instrument: Instrument) throws -> [UInt8] { try venue.depthBody(instrument) }

    func witnessBody(_ instrument: Instrument) throws -> [UInt8] {
        try venue.witnessBody(instrument)
    }

    func lastPrice(_ instrument: Instrument) throws -> Price { try venue.lastPrice(instrument) }

    /// Environment and key decide which account a journal belongs to.
    var accountMark: [UInt8] { venue.accountMark }

    func makeCodec(_ instruments: [Instrument], instance: UInt32) throws -> UnsafeRawPointer {
        let made = try BinanceCodec(
            instruments: instruments, instance: instance, credentials: venue.credentials)
        codec = made
        setClockOffset(offset)
        return made.pointer
    }

    func streams(withOrders: Bool, _ settings: StreamSettings) throws -> [StreamConfiguration] {
        let streams = try venue.streams(
            withOrders: withOrders, standby: settings.standby,
            renewAfter: settings.renewAfterSeconds
        ) { [names] host throws(CoreError) in
            try names.addresses(of: host)
        }
        return streams + [
            StreamConfiguration(role: .snapshot), StreamConfiguration(role: .witness),
        ]
    }
}

extension VenueKeys {
    fileprivate func credentials() -> BinanceCredentials? {
        if let ed25519 {
            return BinanceCredentials(apiKey: apiKey, secret: .ed25519(ed25519.reveal()))
        }
        return hmacSecret.map { BinanceCredentials(apiKey: apiKey, secret: .hmac($0.reveal())) }
    }
}
