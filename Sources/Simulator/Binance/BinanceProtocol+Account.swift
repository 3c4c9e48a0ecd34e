// BinanceProtocol+Account.swift — balances, own trades, commissions and order counts.
import Core

extension BinanceProtocol {
    func account(_ call: Call) -> [UInt8] {
        let account = exchange.accounts[call.trader]
        let omitsZeros = call.parameters["omitZeroBalances"] == "true"
        return JSONWriter.write { json in
            json.object { json in
                writeRates(&json)
                for name in ["canTrade", "canWithdraw", "canDeposit"] { json.member(name, true) }
                for name in ["brokered", "requireSelfTradePrevention", "preventSor"] {
                    json.member(name, false)
                }
                json.member("updateTime", account?.updated ?? 0)
                json.member("accountType", "SPOT")
                json.member(
                    "balances",
                    array: { json in
                        let balances = account?.balances ?? [:]
                        for (asset, balance) in balances.sorted(by: { $0.key < $1.key }) {
                            if omitsZeros, balance == AssetBalance() { continue }
                            json.object { json in
                                json.member("asset", asset)
                                json.member("free", amount: balance.free)
                                json.member("locked", amount: balance.locked)
                            }
                        }
                    })
                json.member("permissions", texts: ["SPOT"])
                json.member("uid", Int64(call.trader.number))
            }
        }
    }

    /// Rates as whole basis points, and as fractions.
    private func writeRates(_ json: inout JSONWriter) {
        let fees = exchange.fees
        json.member("makerCommission", fees.maker / 10_000)
        json.member("takerCommission", fees.taker / 10_000)
        json.member("buyerCommission", 0)
        json.member("sellerCommission", 0)
        json.member("commissionRates", object: { writeCommission(&$0, fees.maker, fees.taker) })
    }

    private func writeCommission(_ json: inout JSONWriter, _ maker: Int64, _ taker: Int64) {
        json.member("maker", amount: maker)
        json.member("taker", amount: taker)
        json.member("buyer", amount: 0)
        json.member("seller", amount: 0)
    }

    func commission(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let fees = exchange.fees
        return JSONWriter.write { json in
            json.object { json in
                json.member("symbol", listing(market).symbol)
                json.member(
                    "standardCommission",
                    object: { writeCommission(&$0, fees.maker, fees.taker) })
                json.member("specialCommission", object: { writeCommission(&$0, 0, 0) })
                json.member("taxCommission", object: { writeCommission(&$0, 0, 0) })
                json.member(
                    "discount",
                    object: { json in
                        json.member("enabledForAccount", false)
                        json.member("enabledForSymbol", false)
                        json.name("discountAsset")
                        json.null()
                        json.member("discount", amount: 0)
                    })
            }
        }
    }

    func myTrades(_ call: Call) throws(BinanceError) -> [UInt8] {
        let market = try market(call.parameters)
        let limit = try call.parameters.limit(standard: 500, most: 1_000)
        let fromID = try call.parameters.optionalInteger("fromId")
        let order = try call.parameters.optionalInteger("orderId")
        let start = try call.parameters.optionalTime("startTime")
        let end = try call.parameters.optionalTime("endTime")
        guard fromID == nil || (start == nil && end == nil) else { throw .badCombination }
        let within = (exchange.trades[call.trader] ?? []).filter {
            $0.market == market && $0.id >= fromID ?? 0
                && (order == nil || $0.order == UInt64(order ?? 0))
                && $0.time >= start ?? 0 && $0.time <= end ?? .max
        }
        let isForward = fromID != nil || start != nil
        let chosen = isForward ? within.prefix(limit) : within.suffix(limit)
        return JSONWriter.write { json in
            json.array { json in
                chosen.forEach { OrderJSON(listing: listing(market)).trade(&json, $0) }
            }
        }
    }

    func orderLimits(_ call: Call) -> [UInt8] {
        JSONWriter.write { json in
            json.array { limits.writeOrders(to: &$0, call.trader, now: call.now) }
        }
    }
}
