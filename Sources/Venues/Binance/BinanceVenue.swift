// BinanceVenue.swift — Binance spot for the slow services: rules, clock, snapshots, account.
//
// Orders go over the lane's own connection and its codec; all that is written here is "cancel all",
// which may be said twice. Requests are repeated a bounded number of times, rate limits and bans
// stop everything until their end, and a clock that the venue refuses is measured anew once.
import Core
import Foundation
import Synchronization
import VenueKit

/// Blocking; any thread but a lane's.
public final class BinanceVenue: Venue {
    enum Access {
        case open
        case signed
        /// Signed, and of the budget's reserve.
        case urgent
        /// The same, and it deletes.
        case cancelling

        var asker: RequestBudget.Class {
            switch self {
            case .open: .read
            case .signed: .query
            case .urgent, .cancelling: .cancel
            }
        }
    }

    public let name = "binance"
    public let environment: BinanceEnvironment
    public let credentials: BinanceCredentials?
    /// The address' weight, shared with whoever else asks this venue.
    public let budget: RequestBudget
    private let signer: Signer?
    private let transport: any HTTPTransport
    private let clock: Clock
    private let pause: @Sendable (_ nanoseconds: Int64) -> Void
    /// Venue's clock minus ours, milliseconds.
    private let offset = Mutex<Int64>(0)

    static let maxAttempts = 3
    static let firstPause: Int64 = 250_000_000
    static let receiveWindow: Int64 = 5_000
    /// A fifth of the weight of 5,000 levels: a bot that restarts often, or whose books are lost
    /// often, must not use up the minute's budget with them.
    static let snapshotLevels: Int64 = 1_000
    static let witnessLevels: Int64 = 5
    static let tradesPerPage = 1_000
    static let maxPages = 500
    static let clockProbes = 3
    /// Where a refusal does not say for how long.
    static let defaultRetryAfter: Int64 = 60
    /// Three days, the longest ban that the venue documents; a larger number is no time.
    static let longestRetryAfter: Int64 = 259_200

    public init(
        _ environment: BinanceEnvironment, credentials: BinanceCredentials?,
        transport: any HTTPTransport, clock: Clock, budget: RequestBudget,
        pause: @escaping @Sendable (_ nanoseconds: Int64) -> Void = {
            Thread.sleep(forTimeInterval: Double($0) / 1e9)
        }
    ) throws(VenueError) {
        self.environment = environment
        self.credentials = credentials
        self.transport = transport
        self.clock = clock
        self.pause = pause
        self.budget = budget
        do throws(CoreError) {
            signer = try credentials.map { value throws(CoreError) in try Signer(value) }
        } catch {
            throw VenueError(.authentication, "the key cannot be used: \(error.text)")
        }
    }

    private var now: Int64 { clock.wall / 1_000_000 }
}

// MARK: - Market

extension BinanceVenue {
    public func rules(_ symbols: [String]) throws(VenueError) -> [InstrumentRules] {
        var query = Query()
        let names = symbols.map { "\"\($0)\"" }.joined(separator: ",")
        query.add("symbols", "[\(names)]")
        let info: ExchangeInfo
        do throws(VenueError) {
            info = try read("exchangeInfo", query, weight: 20, .open)
            info.tell(budget)
        } catch {
            // The venue refuses the whole list and does not say which one it does not know.
            if error.kind == .badSymbol, symbols.count > 1 {
                for symbol in symbols { _ = try rules([symbol]) }
            }
            guard error.kind == .badSymbol, let symbol = symbols.first else { throw error }
            throw VenueError(
                .badSymbol, "\(symbol): \(error.text)", code: error.code,
                httpStatus: error.httpStatus)
        }
        var result: [InstrumentRules] = []
        for symbol in symbols {
            guard let found = info.symbols.first(where: { $0.symbol == symbol }) else {
                throw VenueError(.badSymbol, "\(symbol) is not traded at Binance")
            }
            result.append(try found.rules())
        }
        return result
    }

    public func serverTime() throws(VenueError) -> Int64 {
        let answer: ServerTime = try read("time", Query(), weight: 1, .open)
        return try exact("time") { () throws(CoreError) in
            try nanoseconds(milliseconds: answer.serverTime)
        }
    }

    /// The best of some probes, each against the middle of its own way there and back: the
    /// shortest way says most. Signed requests use it from then on.
    public func readClock() throws(VenueError) -> ClockReading {
        var best: ClockReading?
        for _ in 0..<Self.clockProbes {
            let before = clock.monotonic
            let wall = clock.wall
            let server = try serverTime()
            let half = (clock.monotonic - before) / 2
            let reading = ClockReading(offset: server - (wall + half), error: half)
            if best.map({ half < $0.error }) ?? true { best = reading }
        }
        guard let best else { throw VenueError(.malformed, "time: no probe was made") }
        setClockOffset(best.offset)
        return best
    }

    /// The venue's clock minus ours, nanoseconds, for signed requests from now on.
    public func setClockOffset(_ nanoseconds: Int64) {
        offset.withLock { $0 = nanoseconds / 1_000_000 }
    }

    public func depthBody(_ instrument: Instrument) throws(VenueError) -> [UInt8] {
        try depth(instrument, levels: Self.snapshotLevels, weight: 50)
    }

    public func witnessBody(_ instrument: Instrument) throws(VenueError) -> [UInt8] {
        try depth(instrument, levels: Self.witnessLevels, weight: 5)
    }

    private func depth(
        _ instrument: Instrument, levels: Int64, weight: Int32
    ) throws(VenueError) -> [UInt8] {
        var query = Query()
        query.add("symbol", instrument.symbol)
        query.add("limit", levels)
        return try body("depth", query, weight: weight, .open)
    }

    public func lastPrice(_ instrument: Instrument) throws(VenueError) -> Price {
        var query = Query()
        query.add("symbol", instrument.symbol)
        let answer: TickerPrice = try read("ticker/price", query, weight: 2, .open)
        return try exact("ticker/price") { () throws(CoreError) in
            let price = try instrument.price(answer.price)
            guard price.ticks > 0 else { throw CoreError(.invalid, "a price of zero") }
            return price
        }
    }
}

// MARK: - Account

extension BinanceVenue {
    public func balances() throws(VenueError) -> [AccountBalance] {
        let answer: AccountMessage = try read("account", Query(), weight: 20, .signed)
        return try exact("account") { () throws(CoreError) in try answer.values() }
    }

    public func openOrders(_ instrument: Instrument) throws(VenueError) -> [VenueOrder] {
        var query = Query()
        query.add("symbol", instrument.symbol)
        let answer: [OrderMessage] = try read("openOrders", query, weight: 6, .signed)
        var result: [VenueOrder] = []
        for order in answer {
            result.append(
                try exact("openOrders") { () throws(CoreError) in try order.value(instrument) })
        }
        return result
    }

    public func order(
        _ clientID: String, _ instrument: Instrument
    ) throws(VenueError) -> VenueOrder {
        var query = Query()
        query.add("symbol", instrument.symbol)
        query.add("origClientOrderId", clientID)
        let answer: OrderMessage = try read("order", query, weight: 4, .signed)
        return try exact("order") { () throws(CoreError) in try answer.value(instrument) }
    }

    public func trades(
        _ instrument: Instrument, from first: Int64
    ) throws(VenueError) -> [VenueTrade] {
        var result: [VenueTrade] = []
        var next = first
        for _ in 0..<Self.maxPages {
            let page = try tradePage(instrument, from: next)
            for trade in page {
                // Progress depends on ids that rise.
                guard trade.id >= next, trade.id < .max else {
                    throw VenueError(.malformed, "myTrades: trade \(trade.id) is out of order")
                }
                next = trade.id + 1
                result.append(trade)
            }
            if page.count < Self.tradesPerPage { return result }
        }
        throw VenueError(
            .unsupported, "myTrades: more than \(Self.maxPages * Self.tradesPerPage) trades")
    }

    private func tradePage(
        _ instrument: Instrument, from first: Int64
    ) throws(VenueError) -> [VenueTrade] {
        var query = Query()
        query.add("symbol", instrument.symbol)
        query.add("fromId", first)
        query.add("limit", Int64(Self.tradesPerPage))
        let answer: [TradeMessage] = try read("myTrades", query, weight: 20, .signed)
        var result: [VenueTrade] = []
        for trade in answer {
            result.append(
                try exact("myTrades") { () throws(CoreError) in try trade.value(instrument) })
        }
        return result
    }

    /// What a refusal by this code means where its text is not at hand.
    public static func kind(ofCode code: Int) -> VenueError.Kind {
        BinanceErrors.kind(code: code, text: "")
    }

    /// Sixteen bytes that tell this account at this venue from any other.
    public var accountMark: [UInt8] { Self.accountMark(environment, credentials) }

    public static func accountMark(
        _ environment: BinanceEnvironment, _ credentials: BinanceCredentials?
    ) -> [UInt8] {
        let text = "binance|\(environment.name)|\(credentials?.apiKey ?? "paper")"
        return Array(SHA256.digest(Array(text.utf8)).prefix(16))
    }
}

// MARK: - Exchanges

extension BinanceVenue {
    func read<Message: Decodable>(
        _ path: String, _ query: Query, weight: Int32, _ access: Access
    ) throws(VenueError) -> Message {
        let bytes = try body(path, query, weight: weight, access)
        // Foundation's reader takes one of two members with the same name.
        guard StrictJSON.holds(bytes) else {
            throw VenueError(.malformed, "\(path): the answer is not JSON that reads one way only")
        }
        do {
            return try JSONDecoder().decode(Message.self, from: Data(bytes))
        } catch {
            throw VenueError(.malformed, "\(path): \(Self.describe(error))")
        }
    }

    /// Repeats what is worth repeating.
    private func body(
        _ path: String, _ query: Query, weight: Int32, _ access: Access
    ) throws(VenueError) -> [UInt8] {
        var attempt = 1
        var resynchronized = false
        while true {
            do throws(VenueError) {
                return try exchange(path, query, weight: weight, access)
            } catch {
                switch error.kind {
                case .clock where !resynchronized:
                    resynchronized = true
                    _ = try readClock()
                case .notSent where attempt < Self.maxAttempts,
                    .unavailable where attempt < Self.maxAttempts:
                    pause(Self.firstPause << Int64(attempt - 1))
                    attempt += 1
                default:
                    throw error
                }
            }
        }
    }

    private func exchange(
        _ path: String, _ query: Query, weight: Int32, _ access: Access
    ) throws(VenueError) -> [UInt8] {
        try take(weight, for: access.asker)
        var request = HTTPRequest(
            method: access == .cancelling ? "DELETE" : "GET", host: environment.rest.host,
            port: environment.rest.port, target: "")
        request.caFile = environment.caFile
        request.target = "/api/v3/\(path)"
        let text = access == .open ? query.text : try signed(query, &request)
        if !text.isEmpty { request.target += "?" + text }
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try transport.perform(request)
        } catch {
            let unsent: VenueError.Kind = error.code == .tls ? .untrusted : .notSent
            throw VenueError(error.sent ? .unavailable : unsent, "\(path): \(error.text)")
        }
        return try accepted(response)
    }

    private func signed(
        _ query: Query, _ request: inout HTTPRequest
    ) throws(VenueError) -> String {
        guard let signer else { throw VenueError(.unsupported, "this needs an API key") }
        var query = query
        query.add("recvWindow", Self.receiveWindow)
        query.add("timestamp", now + offset.withLock(\.self))
        request.headers.append((name: "X-MBX-APIKEY", value: signer.apiKey))
        let signature = try exact("signature") { () throws(CoreError) in
            try signer.signature(query.text)
        }
        return query.text + "&signature=" + signature
    }

    private func take(_ weight: Int32, for asker: RequestBudget.Class) throws(VenueError) {
        switch budget.take(weight, for: asker, now: now) {
        case .allowed: return
        case .wait(let until, let isSilence):
            throw VenueError(
                .rateLimited(banned: false),
                isSilence
                    ? "the venue asked for silence"
                    : "the request budget of this minute is used up",
                retryAfter: until)
        }
    }

    private func accepted(_ response: HTTPResponse) throws(VenueError) -> [UInt8] {
        let now = now
        if let used = response.usedWeight { budget.observe(used: Int64(used), now: now) }
        guard response.status != 200 else { return try data(response.body) }
        let message = try? JSONDecoder().decode(ErrorMessage.self, from: Data(response.body))
        // 403 is the venue's firewall, which counts requests, too.
        let isRefusal = [429, 418, 403].contains(response.status)
        let stated = response.retryAfter.map { min($0, Self.longestRetryAfter) }
        let wait = stated ?? (isRefusal ? Self.defaultRetryAfter : nil)
        if isRefusal, let wait {
            budget.block(until: now + wait * 1000, isBan: response.status == 418, now: now)
        }
        throw BinanceErrors.error(
            status: response.status, message: message, retryAfter: wait, now: now)
    }

    /// A page, or nothing, with the status of success: a gateway that speaks for a venue which
    /// is down.
    private func data(_ body: [UInt8]) throws(VenueError) -> [UInt8] {
        let start = body.first { !" \t\r\n".utf8.contains($0) }
        guard let start, start != UInt8(ascii: "<") else {
            throw VenueError(
                .unavailable, start == nil ? "an empty answer" : "a page instead of data",
                httpStatus: 200)
        }
        return body
    }

    /// A number that breaks its format breaks the answer.
    private func exact<Result>(
        _ path: String, _ body: () throws(CoreError) -> Result
    ) throws(VenueError) -> Result {
        do throws(CoreError) {
            return try body()
        } catch {
            throw VenueError(.malformed, "\(path): \(error.text)")
        }
    }

    /// The field that broke, without the decoder's own prose.
    private static func describe(_ error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\(path(context.codingPath + [key])) is missing"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "\(path(context.codingPath)) has the wrong type"
        case let error as CoreError: error.text
        default: "the answer is not the JSON that was expected"
        }
    }
}
