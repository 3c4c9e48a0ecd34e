// BinanceProtocol.swift — Binance spot as functions: requests and messages in, bytes out.
//
// No socket, clock or thread is known here. The server hands in what arrived and the time, and
// sends what lies in `outbox`; tests do the same. After each call the exchange's events are
// turned into market streams and user data, in the order in which they happened.
import Core

/// Something to be sent; `readyAt` lets a fault hold it back.
package struct Outgoing: Sendable {
    package enum Content: Sendable, Equatable {
        case text([UInt8])
        case ping
        /// Code 0 cuts the connection.
        case close(code: UInt16)
    }
    package let peer: Peer
    package let content: Content
    package var readyAt: Int64 = 0
}

package final class BinanceProtocol {
    package let exchange: Exchange
    let authority: Authority
    var limits: RateLimits
    var random: Random
    package var faults: FaultPlan
    var hub = StreamHub()
    var sessions: [Peer: ApiSession] = [:]
    var outbox: [Outgoing] = []
    /// Markets whose streams stand still until a time.
    var frozenUntil: [Int: Int64] = [:]
    /// Markets whose next depth message is lost.
    var gaps: Set<Int> = []
    /// Orders whose reports are sent twice.
    var duplicated: Set<UInt64> = []
    /// The order that the request being handled has placed.
    var lastPlaced: UInt64?

    var troubles = VenueTroubles()
    private var lives = ConnectionLives()
    private let connections: ConnectionRules
    private let started: Int64
    private var lastTick: Int64

    package init(
        exchange: Exchange, keys: [ApiKey], now: Int64, limits: RateLimitSettings = .init(),
        faults: FaultPlan = FaultPlan(), connections: ConnectionRules = ConnectionRules(),
        random: Random
    ) {
        self.exchange = exchange
        authority = Authority(keys)
        self.limits = RateLimits(limits)
        self.faults = faults
        self.connections = connections
        self.random = random
        started = now
        lastTick = now
    }

    /// What is to be sent by `now`, in order; messages held back stay.
    package func takeOutbox(now: Int64) -> [Outgoing] {
        let ready = outbox.filter { $0.readyAt <= now }
        outbox.removeAll { $0.readyAt <= now }
        return ready
    }

    func send(_ bytes: [UInt8], to peer: Peer, readyAt: Int64 = 0) {
        outbox.append(Outgoing(peer: peer, content: .text(bytes), readyAt: readyAt))
    }

    func disconnect(_ peer: Peer, code: UInt16) {
        outbox.append(Outgoing(peer: peer, content: .close(code: code)))
    }

    // MARK: Connections

    /// The venue's clock minus the true one, milliseconds. Every time that is handed in is the
    /// venue's.
    package var clockError: Int64 { troubles.clockError }

    /// Since the start, on a clock that no fault moves.
    func elapsed(_ now: Int64) -> Int64 { now - troubles.clockError - started }

    /// False: there is nothing at this path, or nobody is let in now.
    package func open(_ peer: Peer, path: String, query: String, now: Int64) -> Bool {
        guard !troubles.refusesConnections(elapsed(now)), admit(peer, path, query, now: now)
        else { return false }
        lives.open(peer, at: elapsed(now))
        return true
    }

    /// The peer answered a ping.
    package func ponged(_ peer: Peer) { lives.hear(peer) }

    private func admit(
        _ peer: Peer, _ path: String, _ query: String, now: Int64
    ) -> Bool {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if path == "/ws-api/v3" {
            sessions[peer] = ApiSession(
                connectedSince: now, showsLimits: !query.contains("returnRateLimits=false"))
            return (try? limits.spend(2, now: now)) != nil
        }
        if path == "/stream" {
            hub.open(peer, isCombined: true)
            let list = query.split(separator: "&").first { $0.hasPrefix("streams=") }?.dropFirst(8)
            let names = (list ?? "").split(separator: "/").map(String.init)
            return hub.subscribe(peer, names, markets: exchange.markets)
        }
        guard path == "/ws" || path.hasPrefix("/ws/") else { return false }
        hub.open(peer, isCombined: false)
        let names = path.dropFirst(4).split(separator: "/").map(String.init)
        return hub.subscribe(peer, names, markets: exchange.markets)
    }

    package func close(_ peer: Peer) {
        hub.close(peer)
        lives.close(peer)
        sessions[peer] = nil
        outbox.removeAll { $0.peer == peer }
    }

    package func receive(_ bytes: [UInt8], from peer: Peer, now: Int64) {
        if sessions[peer] != nil {
            receiveApiMessage(bytes, from: peer, now: now)
        } else if hub.isOpen(peer) {
            receiveControlMessage(bytes, from: peer, now: now)
        }
        publishEvents(now: now)
    }

    // MARK: Time

    /// Sends what is due by time: differences, candles, tickers, pings, faults.
    package func tick(now: Int64) {
        publishEvents(now: now)
        if now / 100 != lastTick / 100 { publishBooks(.fast, now: now) }
        if now / 1_000 != lastTick / 1_000 {
            publishBooks(.slow, now: now)
            publishPeriodic(now: now)
        }
        lastTick = now
        endConnections(elapsed(now))
        for fault in faults.due(elapsed(now)) { apply(fault, now: now) }
    }

    /// Pings all, ends those that are too old, cuts off those that owe a pong.
    private func endConnections(_ elapsed: Int64) {
        if lives.pings(elapsed, connections) {
            for peer in allPeers { outbox.append(Outgoing(peer: peer, content: .ping)) }
        }
        for peer in lives.ended(elapsed, connections) { disconnect(peer, code: 1001) }
        for peer in lives.silent(elapsed, connections) { disconnect(peer, code: 0) }
    }

    private var allPeers: [Peer] {
        hub.peers + sessions.keys.sorted { $0.id < $1.id }
    }

    /// Adds a fault rule that counts from now.
    package func add(_ rule: FaultRule, now: Int64) {
        faults.add(rule, elapsed: elapsed(now))
    }

    /// A fault that has nothing to do with a particular order.
    package func apply(_ fault: Fault, now: Int64) {
        switch fault {
        case .gap(let symbol):
            if let market = exchange.marketIndex(symbol) { gaps.insert(market) }
        case .freeze(let symbol, let milliseconds):
            guard let market = exchange.marketIndex(symbol) else { return }
            frozenUntil[market] = now + milliseconds
        case .close(let target, let code):
            if target != .api { hub.peers.forEach { disconnect($0, code: code) } }
            if target != .market { sessions.keys.forEach { disconnect($0, code: code) } }
        case .shutdownNotice:
            announceShutdown(now: now)
        case .venue(let trouble): apply(trouble, now: now)
        case .loseRequest, .dropReply, .cutConnection, .timeout, .delayReply, .duplicateReports,
            .reportsFirst:
            break  // These belong to an order.
        }
    }

    private func apply(_ trouble: VenueTrouble, now: Int64) {
        let elapsed = elapsed(now)
        switch trouble {
        case .clock(let step): troubles.moveClock(by: step)
        case .gateway(let status, let time):
            troubles.breakGateway(status, until: elapsed + time)
        case .refuse(let time): troubles.refuseConnections(until: elapsed + time)
        case .maintenance(let time):
            troubles.breakGateway(503, until: elapsed + time)
            troubles.refuseConnections(until: elapsed + time)
            for peer in allPeers { disconnect(peer, code: 1012) }
        case .status(let symbol, let status, let time):
            guard let market = exchange.marketIndex(symbol) else { return }
            troubles.set(status, of: market, until: elapsed + time)
        case .coarsen(let symbol):
            if let market = exchange.marketIndex(symbol) { troubles.coarsen(market) }
        }
    }

    private func announceShutdown(now: Int64) {
        let notice = JSONWriter.write { json in
            json.object { json in
                json.member("e", "serverShutdown")
                json.member("E", now)
            }
        }
        for peer in hub.peers {
            let isCombined = hub.isCombined(peer)
            send(isCombined ? StreamHub.combined("!serverShutdown", notice) : notice, to: peer)
        }
        let wrapped = JSONWriter.write { json in
            json.object { json in
                json.name("event")
                json.raw(notice)
            }
        }
        for peer in sessions.keys.sorted(by: { $0.id < $1.id }) { send(wrapped, to: peer) }
    }

    // MARK: Operations

    func run(_ operation: Operation, _ call: Call) throws(BinanceError) -> [UInt8] {
        switch operation {
        case .ping: Array("{}".utf8)
        case .time: JSONWriter.write { $0.object { $0.member("serverTime", call.now) } }
        case .exchangeInfo: try exchangeInfo(call)
        case .depth: try depth(call)
        case .trades: try trades(call)
        case .aggregateTrades: try aggregateTrades(call)
        case .klines: try klines(call)
        case .averagePrice: try averagePrice(call)
        case .ticker24: try ticker(call) { $0.ticker24(&$1, now: call.now) }
        case .tickerPrice: try ticker(call) { $0.tickerPrice(&$1) }
        case .tickerBook: try ticker(call) { $0.symbolBook(&$1) }
        case .orderPlace: try placeOrder(call)
        case .orderTest: try testOrder(call)
        case .orderCancel: try cancelOrder(call)
        case .orderStatus: try orderStatus(call)
        case .orderAmend: try amendOrder(call)
        case .openOrders: try openOrders(call)
        case .cancelOpenOrders: try cancelOpenOrders(call)
        case .allOrders: try allOrders(call)
        case .myTrades: try myTrades(call)
        case .account: account(call)
        case .commission: try commission(call)
        case .orderLimits: orderLimits(call)
        }
    }

    /// The market that `symbol` names.
    func market(_ parameters: Parameters) throws(BinanceError) -> Int {
        let symbol = try parameters.text("symbol")
        guard let market = exchange.marketIndex(symbol) else { throw .badSymbol }
        return market
    }

    func listing(_ market: Int) -> Listing { exchange.markets[market].listing }
}
