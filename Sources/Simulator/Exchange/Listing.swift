// Listing.swift — a traded pair in the exchange's own units.
//
// Balances are kept in 1e-8 of each asset. A pair is accepted only when one lot at one tick is a
// whole number of such units, so that no trade ever rounds and balances add up exactly.
import Core

/// A pair that can be traded, with the limits of its orders.
package struct Listing: Sendable {
    package let instrument: Instrument
    /// One tick, one lot, and one tick × lot, in units of 1e-8.
    package let tickUnits: Int64
    package let lotUnits: Int64
    package let valueUnits: Int64
    /// Open orders of one account.
    package var maxOpenOrders = 200
    /// A limit price may be at most this many times the average price, and at least its inverse.
    package var maxPriceMultiple: Int64 = 5

    package var symbol: String { instrument.symbol }
    package var base: String { instrument.base }
    package var quote: String { instrument.quote }

    package init(_ instrument: Instrument) throws(SimulatorError) {
        let decimals = instrument.priceDecimals + instrument.quantityDecimals
        guard instrument.tickUnits > 0, instrument.lotUnits > 0, decimals <= 8 else {
            throw SimulatorError(
                "\(instrument.symbol): price and quantity decimals must not exceed 8 together")
        }
        self.instrument = instrument
        tickUnits = instrument.tickUnits * powerOfTen(8 - instrument.priceDecimals)
        lotUnits = instrument.lotUnits * powerOfTen(8 - instrument.quantityDecimals)
        valueUnits = instrument.tickUnits * instrument.lotUnits * powerOfTen(8 - decimals)
    }

    /// Cost of `lots` at `price` ticks in 1e-8 of the quote; nil when it does not fit.
    package func value(_ price: Int64, _ lots: Int64) -> Int64? {
        let (ticksTimesLots, overflow) = price.multipliedReportingOverflow(by: lots)
        guard !overflow else { return nil }
        let (units, tooLarge) = ticksTimesLots.multipliedReportingOverflow(by: valueUnits)
        return tooLarge ? nil : units
    }

    package func baseUnits(_ lots: Int64) -> Int64 { lots * lotUnits }
}

/// What went wrong before the simulator could run.
public struct SimulatorError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

package func powerOfTen(_ exponent: UInt8) -> Int64 {
    (0..<exponent).reduce(Int64(1)) { product, _ in product * 10 }
}
