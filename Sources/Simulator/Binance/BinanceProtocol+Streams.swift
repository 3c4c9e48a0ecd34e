// BinanceProtocol+Streams.swift — what happened, told to those who listen.
import Core

extension BinanceProtocol {
    // MARK: Control messages

    /// SUBSCRIBE and its kin on a market-data connection.
    func receiveControlMessage(_ bytes: [UInt8], from peer: Peer, now: Int64) {
        guard hub.countMessage(peer, now: now) else {
            disconnect(peer, code: 1008)
            return
        }
        guard let json = JSONValue(bytes), case .object = json else {
            send(Self.controlError(3, "Invalid JSON: expected an object", id: .null), to: peer)
            return
        }
        let id = json["id"] ?? .null
        let names = (json["params"]?.array ?? []).compactMap(\.string)
        switch json["method"]?.string {
        case "SUBSCRIBE":
            let isTaken = hub.subscribe(peer, names, markets: exchange.markets)
            send(
                isTaken
                    ? Self.controlResult(id) { $0.null() }
                    : Self.controlError(2, "Invalid request: too many streams", id: id), to: peer)
        case "UNSUBSCRIBE":
            hub.unsubscribe(peer, names)
            send(Self.controlResult(id) { $0.null() }, to: peer)
        case "LIST_SUBSCRIPTIONS":
            let names = hub.names(of: peer)
            send(
                Self.controlResult(id) { $0.array { json in names.forEach { json.value($0) } } },
                to: peer)
        case "SET_PROPERTY": setProperty(json, peer, id)
        case "GET_PROPERTY":
            let isCombined = hub.isCombined(peer)
            send(Self.controlResult(id) { $0.value(isCombined) }, to: peer)
        case let method?:
            send(
                Self.controlError(2, "Invalid request: unknown variant `\(method)`", id: id),
                to: peer)
        case nil:
            send(Self.controlError(2, "Invalid request: missing field `method`", id: id), to: peer)
        }
    }

    private func setProperty(_ json: JSONValue, _ peer: Peer, _ id: JSONValue) {
        guard let values = json["params"]?.array, values.count == 2,
            values[0] == .string("combined"), case .bool(let isCombined) = values[1]
        else {
            send(Self.controlError(2, "Invalid request: unknown property", id: id), to: peer)
            return
        }
        hub.setCombined(peer, isCombined)
        send(Self.controlResult(id) { $0.null() }, to: peer)
    }

    private static func controlResult(
        _ id: JSONValue, _ body: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        JSONWriter.write { json in
            json.object { json in
                json.name("result")
                body(&json)
                json.name("id")
                id.write(to: &json)
            }
        }
    }

    private static func controlError(_ code: Int64, _ text: String, id: JSONValue) -> [UInt8] {
        JSONWriter.write { json in
            json.object { json in
                json.member(
                    "error",
                    object: { json in
                        json.member("code", code)
                        json.member("msg", text)
                    })
                json.name("id")
                id.write(to: &json)
            }
        }
    }

    // MARK: Events

    /// Turns the exchange's events into messages, in their order.
    func publishEvents(now: Int64) {
        for event in exchange.drainEvents() {
            switch event {
            case .trade(let market, let trade):
                publish(market, .trade, now: now) { $0.tradeEvent(&$1, trade, now: now) }
            case .aggregate(let market, let trade):
                publish(market, .aggregateTrade, now: now) {
                    $0.aggregate(&$1, trade, eventTime: now)
                }
            case .quote(let market, let quote):
                publish(market, .bookTicker, now: now) { $0.bookTicker(&$1, quote) }
            case .report(let report):
                publish(report, now: now)
            case .balances(let id, let assets):
                guard let account = exchange.accounts[id] else { continue }
                publish(to: id) {
                    OrderJSON.accountPosition(&$0, account, assets: assets, now: now)
                }
            }
        }
        duplicated.removeAll()
    }

    private func publish(_ report: OrderReport, now: Int64) {
        if report.kind == .trade, report.trade?.isMaker == true {
            limits.giveBackOrder(report.order.account, now: now)
        }
        let times = duplicated.contains(report.order.id) ? 2 : 1
        for _ in 0..<times {
            publish(to: report.order.account) {
                OrderJSON(listing: listing(report.order.market)).executionReport(&$0, report)
            }
        }
    }

    private func publish(to account: AccountID, _ write: (inout JSONWriter) -> Void) {
        for peer in sessions.keys.sorted(by: { $0.id < $1.id }) {
            for (id, owner) in sessions[peer]?.subscriptions ?? [:] where owner == account {
                send(
                    JSONWriter.write { json in
                        json.object { json in
                            json.member("subscriptionId", id)
                            json.name("event")
                            write(&json)
                        }
                    }, to: peer)
            }
        }
    }

    private func publish(
        _ market: Int, _ kind: StreamKey.Kind, now: Int64,
        _ write: (MarketJSON, inout JSONWriter) -> Void
    ) {
        guard now >= frozenUntil[market] ?? 0 else { return }
        let messages = hub.messages(StreamKey(market: market, kind)) { json in
            write(MarketJSON(exchange.markets[market]), &json)
        }
        for message in messages { send(message.bytes, to: message.peer) }
    }

    // MARK: Timed streams

    func publishBooks(_ cadence: Cadence, now: Int64) {
        for market in exchange.markets.indices where now >= frozenUntil[market] ?? 0 {
            guard let changes = exchange.markets[market].takeChanges(cadence) else { continue }
            if cadence == .fast, gaps.remove(market) != nil { continue }
            publish(market, .differences(cadence), now: now) {
                $0.depthUpdate(&$1, changes, now: now)
            }
            for levels in [5, 10, 20] {
                publish(market, .partial(levels: levels, cadence), now: now) {
                    $0.depth(&$1, limit: levels)
                }
            }
        }
    }

    /// Candles and tickers, once a second.
    func publishPeriodic(now: Int64) {
        for index in exchange.markets.indices {
            exchange.markets[index].candles.advance(to: now)
            for key in hub.activeKlines(market: index) {
                guard case .kline(let interval) = key.kind else { continue }
                publishKline(index, interval, now: now)
            }
            publish(index, .miniTicker, now: now) { $0.miniTickerEvent(&$1, now: now) }
            publish(index, .ticker, now: now) { $0.tickerEvent(&$1, now: now) }
        }
    }

    /// The open candle, and first the one that has just closed.
    private func publishKline(_ market: Int, _ interval: Int64, now: Int64) {
        let candles = exchange.markets[market].candles.candles(interval)
        guard let open = candles.last else { return }
        let hasJustOpened = now - open.openTime < 1_000
        if hasJustOpened, let closed = candles.dropLast().last {
            publish(market, .kline(interval: interval), now: now) {
                $0.klineEvent(&$1, closed, interval: interval, now: now)
            }
        }
        // One-second candles are told once, closed; the others every second while open.
        guard interval > 1_000 else { return }
        publish(market, .kline(interval: interval), now: now) {
            $0.klineEvent(&$1, open, interval: interval, now: now)
        }
    }
}
