// BotSession+Watch.swift — the running bot as sections of the feed.
import Core

extension BotSession {
    func watchStatus() -> WatchStatus {
        let found = state.read { content in
            let live = content.orders.values.filter { !$0.state.isTerminal }
            return (
                reason: content.tradingReason, open: live.count,
                unknown: live.filter { $0.state == .unknown }.count, ledger: content.ledgerProblem
            )
        }
        return WatchStatus(
            version: needletailVersion, mode: configuration.mode.rawValue,
            venue: configuration.venue.name, environment: configuration.venue.environment.rawValue,
            strategy: configuration.strategy.name, started: Times.text(startedWall),
            currency: currency, symbols: instruments.map(\.symbol), trading: lane.trading.name,
            tradingReason: found.reason, ready: lane.isReady, network: duty.networkKind,
            streams: streamDocuments(), openOrders: found.open, unknownOrders: found.unknown,
            journalProblem: lane.journalProblem?.text, ledgerProblem: found.ledger,
            storeProblem: storeProblem, logProblem: state.desk?.log.problem,
            noticesLost: lane.counters.outboxLost)
    }

    func marketDocuments() -> [WatchMarket] {
        let lastTrades = state.read { $0.lastTrades }
        return zip(instruments, instrumentDocuments()).enumerated().map { slot, pair in
            let (instrument, document) = pair
            return WatchMarket(
                symbol: instrument.symbol, base: instrument.base, quote: instrument.quote,
                bid: document.bid, ask: document.ask,
                last: lastTrades[UInt32(slot)].map { instrument.text($0) },
                priceDecimals: instrument.priceDecimals, book: document.book,
                trading: document.trading)
        }
    }

    /// Orders that ended, newest end first.
    func recentOrderDocuments(last: Int) -> [OrderDocument] {
        let orders = state.read { content in
            content.finished.suffix(last).compactMap { content.orders[$0] }
        }
        return orders.reversed().map { document($0) }
    }

    /// Since the start, those no longer remembered included.
    var refusalCount: UInt64 {
        state.read { content in
            var sum: UInt64 = 0
            for count in content.refusalCounts.values { sum &+= count }
            return sum
        }
    }

    func balanceDocuments() -> [WatchBalance] {
        let balances = state.read { $0.balances }
        return balances.sorted { $0.key < $1.key }.map { asset, amount in
            WatchBalance(
                asset: asset, free: amount.free.description, locked: amount.locked.description)
        }
    }
}
