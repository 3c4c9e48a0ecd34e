// ExchangeTests.swift — money: nothing appears, nothing vanishes, nothing goes below zero.
import Core
import Simulator
import Testing

@Suite("Exchange") struct ExchangeTests {
    @Test("Conserves every asset over random flow", arguments: 1...40)
    func conservesBalances(seed: UInt64) throws {
        let test = try TestVenue()
        var random = Random(seed: seed)
        test.makeBook()
        let before = test.totals()
        var open: [(id: UInt64, account: AccountID)] = []
        for step in 0..<400 {
            test.now += 1
            let account = random.below(2) == 0 ? TestVenue.alice : TestVenue.bob
            switch random.below(10) {
            case 0..<5:
                let ticket = randomTicket(&random, step)
                if let order = try? test.exchange.place(
                    ticket, market: 0, account: account, now: test.now)
                {
                    open.append((order.id, account))
                }
            case 5..<6 where !open.isEmpty:
                let order = open[Int(random.below(UInt64(open.count)))]
                _ = try? test.exchange.cancel(
                    order.id, account: order.account, requestID: "c\(step)", now: test.now)
            case 6..<7 where !open.isEmpty:
                let order = open[Int(random.below(UInt64(open.count)))]
                _ = try? test.exchange.amend(
                    order.id, quantity: 1 + Int64(random.below(200_000)), clientID: "a\(step)",
                    account: order.account, now: test.now)
            default:
                test.house(
                    random.below(2) == 0 ? .buy : .sell, 9_900 + Int64(random.below(210)),
                    1 + Int64(random.below(300_000)), takes: random.below(2) == 0)
            }
            try #require(test.totals() == before, "after step \(step)")
            try requireSound(test.exchange)
        }
        #expect(test.exchange.trades.values.contains { !$0.isEmpty }, "the flow did trade")
    }

    private func randomTicket(_ random: inout Random, _ step: Int) -> OrderTicket {
        let type = OrderType.allCases[Int(random.below(5))]
        let isStop = type == .stopMarket || type == .stopLimit
        let hasPrice = type != .market && type != .stopMarket
        return OrderTicket(
            side: random.below(2) == 0 ? .buy : .sell, type: type,
            timeInForce: type == .limit ? TimeInForce.allCases[Int(random.below(3))] : .gtc,
            price: hasPrice ? 9_900 + Int64(random.below(210)) : 0,
            stopPrice: isStop ? 9_900 + Int64(random.below(210)) : 0,
            quantity: 10_000 + Int64(random.below(300_000)), clientID: "t\(step)")
    }

    /// No balance below zero, and locked is exactly what the open orders have locked.
    private func requireSound(_ exchange: Exchange) throws {
        for account in exchange.accounts.values {
            var locked: [String: Int64] = [:]
            for order in exchange.openOrders(of: account.id) {
                locked[order.ticket.side == .buy ? "USDT" : "BTC", default: 0] += order.locked
            }
            for (asset, balance) in account.balances {
                try #require(balance.free >= 0 && balance.locked >= 0)
                try #require(balance.locked == locked[asset] ?? 0, "\(asset) locked")
            }
        }
        #expect(exchange.shortfalls == 0)
    }

    @Test("Takes the commission from what is received")
    func takesCommissionFromReceivedAsset() throws {
        let test = try TestVenue()
        test.makeBook()
        let ticket = OrderTicket(side: .buy, type: .market, quantity: 50_000, clientID: "x")
        let order = try test.exchange.place(ticket, market: 0, account: TestVenue.alice, now: 1)
        let account = try #require(test.exchange.accounts[TestVenue.alice])
        #expect(order.status == .filled)
        // Half a coin at 100.10, less a thousandth of the half coin.
        #expect(account.free("BTC") == 10 * TestVenue.coin + 49_950_000)
        #expect(account.free("USDT") == 100_000 * TestVenue.coin - 5_005_000_000)
        #expect(account.balances["USDT"]?.locked == 0)
    }

    @Test("Frees the difference when a limit buy trades below its price")
    func freesPriceImprovement() throws {
        let test = try TestVenue()
        test.makeBook()
        let ticket = OrderTicket(
            side: .buy, type: .limit, price: 10_015, quantity: 150_000, clientID: "x")
        let order = try test.exchange.place(ticket, market: 0, account: TestVenue.alice, now: 1)
        let account = try #require(test.exchange.accounts[TestVenue.alice])
        #expect(order.status == .partiallyFilled)
        // One coin at 100.10 is paid; half a coin waits at its limit of 100.15.
        #expect(account.balances["USDT"]?.locked == 5_007_500_000)
        #expect(account.free("USDT") == (100_000 * 100 - 10_010) * 1_000_000 - 5_007_500_000)
    }

    @Test("Buys for a value no more than the value")
    func buysByValue() throws {
        let test = try TestVenue()
        test.makeBook()
        let ticket = OrderTicket(
            side: .buy, type: .market, quoteQuantity: 150 * TestVenue.coin, clientID: "x")
        let order = try test.exchange.place(ticket, market: 0, account: TestVenue.alice, now: 1)
        #expect(order.status == .filled)
        #expect(order.executedValue <= 150 * TestVenue.coin)
        // One more lot at the second level would have been too much.
        #expect(order.executedValue + 10_020 * 1_000 > 150 * TestVenue.coin)
    }

    @Test("Expires the newer of two orders of one account")
    func expiresOwnTaker() throws {
        let test = try TestVenue()
        let first = OrderTicket(
            side: .sell, type: .limit, price: 10_000, quantity: 100_000, clientID: "old")
        let second = OrderTicket(
            side: .buy, type: .limit, price: 10_000, quantity: 100_000, clientID: "new")
        _ = try test.exchange.place(first, market: 0, account: TestVenue.alice, now: 1)
        let order = try test.exchange.place(second, market: 0, account: TestVenue.alice, now: 2)
        #expect(order.status == .expiredInMatch)
        #expect(test.exchange.openOrders(of: TestVenue.alice).map(\.clientID) == ["old"])
        #expect(test.exchange.accounts[TestVenue.alice]?.balances["USDT"]?.locked == 0)
    }

    @Test("Triggers a stop when trades reach it")
    func triggersStop() throws {
        let test = try TestVenue()
        test.makeBook()
        test.house(.buy, 10_010, 1, takes: true)
        let ticket = OrderTicket(
            side: .sell, type: .stopMarket, stopPrice: 9_990, quantity: 10_000, clientID: "stop")
        let stop = try test.exchange.place(ticket, market: 0, account: TestVenue.alice, now: 1)
        #expect(!stop.isWorking)
        #expect(test.exchange.markets[0].levels.quantity(.sell, 0) == 0)
        test.house(.sell, 9_990, 150_000, takes: true)
        let after = try #require(test.exchange.orders[stop.id])
        #expect(after.status == .filled)
        #expect(after.isWorking)
    }

    @Test("Refuses without a trace what cannot be paid")
    func refusesUnpayable() throws {
        let test = try TestVenue()
        test.makeBook()
        let ticket = OrderTicket(
            side: .sell, type: .limit, price: 10_050, quantity: 1_100_000, clientID: "x")
        let before = test.exchange.accounts[TestVenue.alice]?.balances
        #expect(throws: ExchangeRefusal.insufficientBalance) {
            try test.exchange.place(ticket, market: 0, account: TestVenue.alice, now: 1)
        }
        #expect(test.exchange.accounts[TestVenue.alice]?.balances == before)
        #expect(test.exchange.openOrders(of: TestVenue.alice).isEmpty)
    }

    @Test("Frees a market buy's lock where it meets its own order")
    func freesLockOfSweep() throws {
        let test = try TestVenue()
        let own = OrderTicket(
            side: .sell, type: .limit, price: 10_005, quantity: 100_000, clientID: "own")
        _ = try test.exchange.place(own, market: 0, account: TestVenue.alice, now: 1)
        let sweep = OrderTicket(side: .buy, type: .market, quantity: 50_000, clientID: "sweep")
        let order = try test.exchange.place(sweep, market: 0, account: TestVenue.alice, now: 2)
        #expect(order.status == .expiredInMatch)
        #expect(test.exchange.accounts[TestVenue.alice]?.balances["USDT"]?.locked == 0)
    }
}
