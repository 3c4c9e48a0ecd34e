// ExchangeInfo.swift — the venue's rules of its symbols, and their translation to an Instrument.
import Core
import VenueKit

/// GET exchangeInfo, as far as it is used.
struct ExchangeInfo: Decodable, Sendable {
    let symbols: [SymbolRules]
    let rateLimits: [RateLimitRule]?

    /// Hands the venue's limits to the budget. What it does not count (raw requests) is left out;
    /// of two windows of one kind the shorter holds.
    func tell(_ budget: RequestBudget) {
        var shortest: [RequestBudget.Limit: (allowed: Int64, window: Int64)] = [:]
        for rule in rateLimits ?? [] {
            guard let (limit, window) = rule.counted, let allowed = rule.limit,
                window < shortest[limit]?.window ?? .max
            else { continue }
            shortest[limit] = (allowed, window)
        }
        for (limit, rule) in shortest { budget.set(limit, to: rule.allowed, window: rule.window) }
    }
}

/// One row of `rateLimits`. What is missing makes it one that is not counted, and no more.
struct RateLimitRule: Decodable, Sendable {
    let rateLimitType: String?
    let interval: String?
    let intervalNum: Int64?
    let limit: Int64?

    /// Which of our counters it is, and its window in milliseconds; nil: none of them.
    var counted: (RequestBudget.Limit, Int64)? {
        let units = ["SECOND": Int64(1000), "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000]
        guard let interval, let unit = units[interval], let number = intervalNum,
            (1...1000).contains(number)
        else { return nil }
        switch rateLimitType {
        case "REQUEST_WEIGHT": return (.weight, unit * number)
        case "ORDERS": return (interval == "DAY" ? .ordersDay : .orders, unit * number)
        default: return nil
        }
    }
}

struct SymbolRules: Decodable, Sendable {
    let symbol: String
    let baseAsset: String
    let quoteAsset: String
    let status: String
    let filters: [SymbolFilter]?
}

extension SymbolRules {
    /// Decimals where a filter states no step.
    private static let defaultDecimals: UInt32 = 8
    private static let maxDecimals: UInt32 = 12

    /// With the venue's word on whether it trades now.
    func rules() throws(VenueError) -> InstrumentRules {
        InstrumentRules(
            instrument: try instrument(), status: status, isTrading: status == "TRADING")
    }

    /// Exact, or `.malformed` with the symbol's name.
    func instrument() throws(VenueError) -> Instrument {
        do throws(CoreError) {
            return try translated()
        } catch {
            throw VenueError(.malformed, "rules of \(symbol): \(error.text)")
        }
    }

    private func translated() throws(CoreError) -> Instrument {
        guard symbol.utf8.count < 24, baseAsset.utf8.count < 12, quoteAsset.utf8.count < 12 else {
            throw CoreError(.overflow, "a name is too long")
        }
        var tick = Step.disabled
        var lot = Step.disabled
        for filter in filters ?? [] {
            if case .price(_, _, let step) = filter { tick = try Step(step) }
            if case .lotSize(_, _, let step) = filter { lot = try Step(step) }
        }
        var instrument = Instrument(
            symbol: symbol, base: baseAsset, quote: quoteAsset,
            priceDecimals: UInt8(tick.decimals), quantityDecimals: UInt8(lot.decimals),
            tickUnits: tick.units, lotUnits: lot.units)
        for filter in filters ?? [] { try apply(filter, tick, lot, &instrument) }
        return instrument
    }

    private struct Step {
        let decimals: UInt32
        let units: Int64
        static let disabled = Step(decimals: defaultDecimals, units: 1)

        init(decimals: UInt32, units: Int64) {
            self.decimals = decimals
            self.units = units
        }

        /// A step of zero disables the rule.
        init(_ step: ExactDecimal) throws(CoreError) {
            guard !step.isZero else {
                self = .disabled
                return
            }
            guard step.decimals <= maxDecimals else {
                throw CoreError(.invalid, "a step has more than \(maxDecimals) decimals")
            }
            self.init(decimals: step.decimals, units: step.mantissa)
        }

        func count(_ value: ExactDecimal, _ rounding: ExactDecimal.Rounding) throws(CoreError)
            -> Int64
        {
            try value.count(places: decimals, units: units, rounding)
        }
    }

    private func apply(
        _ filter: SymbolFilter, _ tick: Step, _ lot: Step, _ instrument: inout Instrument
    ) throws(CoreError) {
        switch filter {
        case .price(let min, let max, _):
            instrument.minPrice = try tick.count(min, .up)
            instrument.maxPrice = try tick.count(max, .down)
        case .lotSize(let min, let max, _):
            instrument.minQuantity = Swift.max(1, try lot.count(min, .up))
            instrument.maxQuantity = try lot.count(max, .down)
        case .marketLotSize(let min, let max, _):
            instrument.minMarketQuantity = try lot.count(min, .up)
            instrument.maxMarketQuantity = try lot.count(max, .down)
        case .minNotional(let min):
            instrument.minNotional = try Self.money(min, .up)
        case .notional(let min, let max):
            instrument.minNotional = try Self.money(min, .up)
            instrument.maxNotional = try Self.money(max, .down)
        case .percentPrice, .percentPriceBySide, .maxPosition, .maxAsset, .trailingDelta, .count,
            .unknown:
            // Relative to the market or the account. Towards the market the gate's own collar is
            // tighter; what rests too far away, or is one too many, the venue refuses.
            break
        }
    }

    private static func money(
        _ value: ExactDecimal, _ rounding: ExactDecimal.Rounding
    ) throws(CoreError) -> Money {
        Money(units: try value.count(places: Money.decimals, units: 1, rounding))
    }
}
