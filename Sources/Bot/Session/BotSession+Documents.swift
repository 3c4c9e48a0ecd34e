// BotSession+Documents.swift — the running bot as documents, for commands, view and summary.
import Core
import Execution

/// Also change: CHANGELOG.md.
public let needletailVersion = "0.1.0"

extension BotSession {
    /// Currency of all amounts: the quote of the first instrument.
    var currency: String { instruments.first?.quote ?? "" }

    /// Midpoint rounded down to a tick, else the last trade; nil before either.
    func mark(_ slot: Int) -> Price? {
        let top = lane.top(InstrumentID(slot: UInt32(slot)))
        if top.isValid, let bid = top.bids.first, let ask = top.asks.first {
            return Price(ticks: (bid.price.ticks + ask.price.ticks) / 2)
        }
        return state.read { $0.lastTrades[UInt32(slot)] }
    }

    private var marks: [Price?] { instruments.indices.map { mark($0) } }

    public func profit() -> Profit {
        let marks = marks
        return state.read { $0.ledger.profit(marks: marks) }
    }

    public func profitDocument() -> ProfitDocument {
        let profit = profit()
        return ProfitDocument(
            currency: currency, realised: profit.realised.description,
            unrealised: profit.unrealised.description, fees: profit.fees.description,
            net: profit.net.description)
    }

    public func positionDocuments() -> [PositionDocument] {
        let marks = marks
        let (ledger, orders) = state.read { content in
            (content.ledger, content.orders.values.filter { !$0.state.isTerminal })
        }
        return instruments.indices.map { slot in
            let id = InstrumentID(slot: UInt32(slot))
            let instrument = instruments[slot]
            let position = ledger.positions[slot]
            let profit = ledger.profit(id, mark: marks[slot])
            let value = marks[slot].flatMap {
                instrument.value($0, Quantity(lots: position.lots))
            }
            let closing: Side = position.lots > 0 ? .sell : .buy
            let offered = orders.reduce(into: Int64(0)) { sum, order in
                guard order.instrument == id, order.side == closing, position.lots != 0 else {
                    return
                }
                sum += order.quantity.lots - order.filled.lots
            }
            let waits = lane.exitLots(id)
            return PositionDocument(
                symbol: instrument.symbol,
                quantity: instrument.text(Quantity(lots: position.lots)),
                averagePrice: position.averagePrice(instrument).description,
                mark: marks[slot].map { instrument.text($0) },
                value: (value ?? .zero).description, realised: profit.realised.description,
                unrealised: profit.unrealised.description, fees: profit.fees.description,
                bought: instrument.text(Quantity(lots: position.boughtLots)),
                sold: instrument.text(Quantity(lots: position.soldLots)), fills: position.fills,
                offered: instrument.text(Quantity(lots: offered)),
                exitWaits: waits == 0 ? nil : instrument.text(Quantity(lots: waits)))
        }
    }

    /// Newest first. `all`: finished ones as well.
    public func orderDocuments(all: Bool = false, last: Int = 500) -> [OrderDocument] {
        let orders = state.read { content in
            content.orders.values.filter { all || !$0.state.isTerminal }
        }
        return orders.sorted { $0.key.raw > $1.key.raw }.prefix(last).map { document($0) }
    }

    func document(_ order: OrderSnapshot) -> OrderDocument {
        let instrument = instruments[Int(order.instrument.slot)]
        return OrderDocument(
            id: order.key.description, clientOrderID: lane.clientOrderID(order.key),
            venueOrderID: order.venueOrder == 0 ? nil : order.venueOrder,
            symbol: instrument.symbol, side: order.side.name, type: order.type.name,
            state: order.state.name, price: instrument.text(order.price),
            quantity: instrument.text(order.quantity), filled: instrument.text(order.filled),
            cancelPending: order.isCancelPending, resolved: order.isResolved ? true : nil,
            source: order.strategy == UInt16.max ? "operator" : configuration.strategy.name,
            venueCode: order.code == 0 ? nil : order.code)
    }

    /// Newest first.
    public func fillDocuments(last: Int = 500) -> [FillDocument] {
        let fills = state.read { Array($0.fills.suffix(last)) }
        return fills.reversed().map { fill in
            let instrument = instruments[Int(fill.instrument.slot)]
            return FillDocument(
                time: Times.text(fill.time), symbol: instrument.symbol,
                order: fill.order.description, trade: fill.trade, side: fill.side.name,
                price: instrument.text(fill.price), quantity: instrument.text(fill.quantity),
                fee: fill.fee.description, feeAsset: fill.feeAsset,
                liquidity: fill.isMaker ? "maker" : "taker")
        }
    }

    /// Newest first. `symbol`: of this instrument alone.
    func refusalDocuments(symbol: String? = nil, last: Int) -> [WhyNotDocument] {
        let refusals = state.read { $0.refusals }
        let rows = refusals.lazy.reversed().compactMap { [instruments] time, refusal in
            let slot = Int(refusal.instrument.slot)
            let instrument = instruments.indices.contains(slot) ? instruments[slot] : nil
            if let symbol, instrument?.symbol != symbol { return nil as WhyNotDocument? }
            return WhyNotDocument(time, refusal, instrument)
        }
        return Array(rows.prefix(last))
    }

    public func alarmDocuments(last: Int = 20) -> [AlarmDocument] {
        let alarms = state.read { Array($0.alarms.suffix(last)) }
        return alarms.reversed().map { time, instrument, text in
            let slot = Int(instrument.slot)
            return AlarmDocument(
                time: Times.text(time),
                symbol: instruments.indices.contains(slot) ? instruments[slot].symbol : nil,
                text: text)
        }
    }

    public func instrumentDocuments() -> [InstrumentDocument] {
        instruments.indices.map { slot in
            let id = InstrumentID(slot: UInt32(slot))
            let top = lane.top(id)
            let last = lane.lastData(id)
            let (book, trading) = state.read { content in
                (content.books[id.slot], content.scopes[id]?.state ?? .active)
            }
            let live = book.map { $0.isLive ? "live" : $0.text } ?? "waiting for data"
            return InstrumentDocument(
                symbol: instruments[slot].symbol,
                bid: top.bids.first.map { instruments[slot].text($0.price) },
                ask: top.asks.first.map { instruments[slot].text($0.price) }, book: live,
                ageMs: last == 0 ? nil : (clock.monotonic - last) / 1_000_000,
                trading: trading.name, silence: lane.silence(id).name)
        }
    }

    public func latencyDocuments() -> [String: LatencyDocument] {
        var documents: [String: LatencyDocument] = [:]
        for stage in LatencyStage.allCases {
            let summary = lane.latency(stage)
            documents[stage.name] = LatencyDocument(
                count: summary.count, p50: summary.p50, p99: summary.p99, p999: summary.p999,
                max: summary.max)
        }
        return documents
    }

    /// By slot; the second of a kind is numbered.
    var streamNames: [String] {
        var counts: [StreamRole: Int] = [:]
        return streams.map { stream in
            counts[stream.role, default: 0] += 1
            let count = counts[stream.role] ?? 1
            return count == 1 ? stream.role.name : "\(stream.role.name) \(count)"
        }
    }

    func streamDocuments() -> [StreamDocument] {
        let names = streamNames
        let streams = state.read { $0.streams }
        let connections = watch.connections
        let today = clock.wall / 1_000_000_000
        return streams.sorted { $0.key < $1.key }.map { slot, stream in
            let found = connections.indices.contains(Int(slot)) ? connections[Int(slot)] : nil
            var document = document(
                names[Int(slot)], slot, isOpen: stream.isOpen, reason: stream.reason)
            document.address = found?.address
            document.certificateDays = found?.certificateEnd.map { ($0 - today) / 86_400 }
            return document
        }
    }

    private func document(
        _ name: String, _ slot: UInt32, isOpen: Bool, reason: String
    ) -> StreamDocument {
        let (configuration, feed) = (streams[Int(slot)], lane.feed(slot))
        var document = StreamDocument(name: name, isOpen: isOpen, reason: reason)
        if configuration.feed.group != 0 { document.group = configuration.feed.group }
        let age = clock.monotonic - feed.opened
        if feed.opened != 0 { document.openSeconds = age / 1_000_000_000 }
        document.renewals = feed.renewals
        document.undecodable = feed.undecodable
        guard configuration.role == .market else { return document }
        (document.first, document.later, document.gaps) = (feed.first, feed.later, feed.gaps)
        if feed.last != 0 { document.ageMs = (clock.monotonic - feed.last) / 1_000_000 }
        guard configuration.feed.group != 0 else { return document }
        document.switches = feed.switches
        guard feed.switches > 0 else { return document }
        document.switchUs = feed.switchTime / 1000
        document.maxSwitchUs = feed.maxSwitchTime / 1000
        return document
    }

    public func statusDocument() -> StatusDocument {
        let (tradingReason, open, unknown, ledger) = state.read { content in
            let live = content.orders.values.filter { !$0.state.isTerminal }
            return (
                content.tradingReason, live.count, live.filter { $0.state == .unknown }.count,
                content.ledgerProblem
            )
        }
        let isPaper = configuration.mode == .paper
        return StatusDocument(
            version: needletailVersion, mode: configuration.mode.rawValue,
            venue: configuration.venue.name, environment: configuration.venue.environment.rawValue,
            matchMode: isPaper ? "recorded" : nil, strategy: configuration.strategy.name,
            started: Times.text(startedWall),
            uptimeSeconds: (clock.monotonic - startedMonotonic) / 1_000_000_000,
            trading: lane.trading.name, tradingReason: tradingReason, ready: lane.isReady,
            reconciledSeconds: lane.reconciled.map { (clock.monotonic - $0) / 1_000_000_000 },
            network: duty.networkKind, networkRefusal: duty.networkNote,
            laneAgeMs: (clock.monotonic - duty.heartbeat) / 1_000_000,
            streams: streamDocuments(), instruments: instrumentDocuments(), openOrders: open,
            unknownOrders: unknown, counters: counters.document,
            latencyNs: latencyDocuments(), profit: profitDocument(),
            epoch: lane.epoch, journalRecords: lane.durableSequence,
            journalProblem: lane.journalProblem?.text, ledgerProblem: ledger,
            storeProblem: storeProblem,
            noticesLost: lane.counters.outboxLost, conditions: watch.conditions,
            alarms: alarmDocuments(last: 5),
            logProblem: state.desk?.log.problem, notifications: state.desk?.notifier?.documents,
            budget: budget.document(now: clock.wall / 1_000_000), scopes: scopeDocuments(),
            guard: guardian.document)
    }

    /// The account, then symbols, then strategies.
    func scopeDocuments() -> [ScopeDocument] {
        let scopes = state.read { $0.scopes }
        func document(_ kind: String, _ name: String, _ id: InstrumentID) -> ScopeDocument {
            let found = scopes[id]
            return ScopeDocument(
                kind: kind, name: name, state: (found?.state ?? .active).name,
                reason: found?.reason ?? "", since: found.map { Times.text($0.since) })
        }
        return [document("account", configuration.venue.account ?? "", .none)]
            + instruments.enumerated().map {
                document("symbol", $1.symbol, InstrumentID(slot: UInt32($0)))
            } + [document("strategy", configuration.strategy.name, .strategy(0))]
    }
}

extension StreamRole {
    var name: String {
        switch self {
        case .market: "market"
        case .orders: "orders"
        case .snapshot: "books"
        case .witness: "witnesses"
        }
    }
}

extension Duty {
    /// Why connections go through poll; nil where io_uring is in use.
    var networkNote: String? { networkRefusal.isEmpty ? nil : networkRefusal }
}

extension LaneCounters {
    var document: [String: UInt64] {
        [
            "messages": messages, "events": events, "undecodable": undecodable,
            "unsupported": unsupported, "gaps": gaps, "intents": intents, "refusals": refusals,
            "orders_sent": ordersSent, "cancels_sent": cancelsSent, "queries_sent": queriesSent,
            "fills": fills, "unknowns_made": unknownsMade,
            "unknowns_resolved": unknownsResolved, "late_fills": lateFills,
            "foreign_reports": foreignReports, "rejects": rejects, "send_busy": sendBusy,
            "untold": untold,
        ]
    }
}
