// Instrument.swift — what can be traded, with the venue's filters.
import CCore

/// Slot of an instrument in its lane.
public struct InstrumentID: Sendable, Hashable, Comparable {
    public let slot: UInt32
    @inlinable public init(slot: UInt32) { self.slot = slot }
    @inlinable public static func < (a: InstrumentID, b: InstrumentID) -> Bool { a.slot < b.slot }
    public static let none = InstrumentID(slot: .max)

    /// What else a trading state can be of: a strategy, by its slot (`NT_STRATEGY_SCOPE`).
    public static func strategy(_ slot: UInt32) -> InstrumentID {
        InstrumentID(slot: 0x10000 + slot)
    }
    /// Nil: an instrument, or `.none`.
    public var strategy: UInt32? {
        (0x10000..<0x10010).contains(slot) ? slot - 0x10000 : nil
    }
}

/// One instrument of one venue. Immutable once its lane runs.
public struct Instrument: Sendable, Hashable {
    /// As the venue writes it, at most 23 characters.
    public var symbol: String
    public var base: String
    public var quote: String
    /// Price = ticks × tickUnits / 10^priceDecimals; quantity likewise.
    public var priceDecimals: UInt8
    public var quantityDecimals: UInt8
    public var tickUnits: Int64
    public var lotUnits: Int64
    /// Ticks; zero = no limit.
    public var minPrice: Int64 = 0
    public var maxPrice: Int64 = 0
    /// Lots; zero = no limit.
    public var minQuantity: Int64 = 1
    public var maxQuantity: Int64 = 0
    public var minMarketQuantity: Int64 = 0
    public var maxMarketQuantity: Int64 = 0
    public var minNotional: Money = .zero
    public var maxNotional: Money = .zero

    public init(
        symbol: String, base: String, quote: String, priceDecimals: UInt8, quantityDecimals: UInt8,
        tickUnits: Int64 = 1, lotUnits: Int64 = 1
    ) {
        self.symbol = symbol
        self.base = base
        self.quote = quote
        self.priceDecimals = priceDecimals
        self.quantityDecimals = quantityDecimals
        self.tickUnits = tickUnits
        self.lotUnits = lotUnits
    }

    public func text(_ price: Price) -> String {
        Decimals.text(price.ticks * tickUnits, decimals: UInt32(priceDecimals))
    }

    public func text(_ quantity: Quantity) -> String {
        Decimals.text(quantity.lots * lotUnits, decimals: UInt32(quantityDecimals))
    }

    /// Reads a price; `.invalid` when it is negative or not a whole number of ticks.
    public func price(_ text: String) throws(CoreError) -> Price {
        Price(ticks: try Self.count(text, priceDecimals, tickUnits))
    }

    /// Reads a quantity; `.invalid` when it is negative or not a whole number of lots.
    public func quantity(_ text: String) throws(CoreError) -> Quantity {
        Quantity(lots: try Self.count(text, quantityDecimals, lotUnits))
    }

    private static func count(
        _ text: String, _ decimals: UInt8, _ units: Int64
    ) throws(CoreError) -> Int64 {
        let count = try Decimals.read(text, decimals: UInt32(decimals), units: units)
        guard count >= 0 else { throw CoreError(.invalid, "\"\(text)\" is negative") }
        return count
    }

    /// Value in the quote currency, rounded towards zero; nil when it does not fit.
    public func value(_ price: Price, _ quantity: Quantity) -> Money? {
        var c = cValue
        var units: Int64 = 0
        return nt_notional(&c, price.ticks, quantity.lots, &units) ? Money(units: units) : nil
    }

    /// For statistics and display only; never sent to a venue.
    @inlinable public func double(_ price: Price) -> Double {
        Double(price.ticks * tickUnits) / powerOfTen(priceDecimals)
    }

    /// The core's form.
    package var cValue: nt_instrument {
        var c = nt_instrument()
        copyText(symbol, into: &c.symbol)
        copyText(base, into: &c.base)
        copyText(quote, into: &c.quote)
        c.price_decimals = priceDecimals
        c.quantity_decimals = quantityDecimals
        c.tick_units = tickUnits
        c.lot_units = lotUnits
        c.min_price = minPrice
        c.max_price = maxPrice
        c.min_quantity = minQuantity
        c.max_quantity = maxQuantity
        c.min_market_quantity = minMarketQuantity
        c.max_market_quantity = maxMarketQuantity
        c.min_notional = minNotional.units
        c.max_notional = maxNotional.units
        return c
    }

    package init(_ c: nt_instrument) {
        self.init(
            symbol: fixedText(c.symbol), base: fixedText(c.base), quote: fixedText(c.quote),
            priceDecimals: c.price_decimals, quantityDecimals: c.quantity_decimals,
            tickUnits: c.tick_units, lotUnits: c.lot_units)
        (minPrice, maxPrice) = (c.min_price, c.max_price)
        (minQuantity, maxQuantity) = (c.min_quantity, c.max_quantity)
        (minMarketQuantity, maxMarketQuantity) = (c.min_market_quantity, c.max_market_quantity)
        (minNotional, maxNotional) = (Money(units: c.min_notional), Money(units: c.max_notional))
    }

    /// Calls `body` with the core's table of these instruments, for venues' wire targets, which
    /// take it as raw memory: an array of `nt_instrument`.
    public static func withTable<Result>(
        _ instruments: [Instrument], _ body: (UnsafeRawPointer, UInt32) throws -> Result
    ) rethrows -> Result {
        let table = instruments.map(\.cValue)
        return try table.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else {
                var empty = nt_instrument()
                return try body(&empty, 0)
            }
            return try body(base, UInt32(table.count))
        }
    }
}

@usableFromInline func powerOfTen(_ decimals: UInt8) -> Double {
    var result = 1.0
    for _ in 0..<decimals { result *= 10 }
    return result
}
