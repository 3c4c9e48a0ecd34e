// Numbers.swift — price, quantity and money: whole ticks, whole lots, fixed point. No Double.
import CCore

/// A price in whole ticks of its instrument.
public struct Price: Sendable, Hashable, Comparable {
    public var ticks: Int64
    @inlinable public init(ticks: Int64) { self.ticks = ticks }
    @inlinable public static func < (a: Price, b: Price) -> Bool { a.ticks < b.ticks }
}

/// A quantity in whole lots of its instrument.
public struct Quantity: Sendable, Hashable, Comparable {
    public var lots: Int64
    @inlinable public init(lots: Int64) { self.lots = lots }
    @inlinable public static func < (a: Quantity, b: Quantity) -> Bool { a.lots < b.lots }
    public static let zero = Quantity(lots: 0)
}

/// An amount of a currency or asset in units of 1e-8.
public struct Money: Sendable, Hashable, Comparable, CustomStringConvertible {
    public var units: Int64
    @inlinable public init(units: Int64) { self.units = units }
    /// Whole currency units, such as `Money(500)` for 500 USDT.
    public init(_ whole: Int64) { units = whole * 100_000_000 }

    public static let zero = Money(units: 0)
    public static let decimals: UInt32 = 8

    @inlinable public static func < (a: Money, b: Money) -> Bool { a.units < b.units }
    @inlinable public static func + (a: Money, b: Money) -> Money {
        Money(units: a.units + b.units)
    }
    @inlinable public static func - (a: Money, b: Money) -> Money {
        Money(units: a.units - b.units)
    }
    @inlinable public static prefix func - (a: Money) -> Money { Money(units: -a.units) }
    @inlinable public static func += (a: inout Money, b: Money) { a.units += b.units }

    /// Exact decimal text with eight decimals.
    public var description: String { Decimals.text(units, decimals: Self.decimals) }

    /// Rounded half away from zero to `places` decimals, for display only.
    public func rounded(to places: UInt32) -> String {
        guard places < Self.decimals else { return description }
        var divisor: Int64 = 1
        for _ in places..<Self.decimals { divisor *= 10 }
        let (quotient, rest) = units.quotientAndRemainder(dividingBy: divisor)
        let carry: Int64 = rest.magnitude >= divisor / 2 ? units.signum() : 0
        return Decimals.text(quotient + carry, decimals: places)
    }
}

/// Exact decimal text ↔ scaled integers; the core's own functions.
public enum Decimals {
    /// `value × 10^-decimals` with exactly `decimals` digits after the point.
    public static func text(_ value: Int64, decimals: UInt32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let length = Int(nt_decimal_write(value, decimals, start))
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Reads plain decimal text as an integer of `10^-decimals` units.
    public static func read(_ text: String, decimals: UInt32) throws(CoreError) -> Int64 {
        try read(text, decimals: decimals, units: 1)
    }

    /// As above, in whole multiples of `units`.
    public static func read(
        _ text: String, decimals: UInt32, units: Int64
    ) throws(CoreError) -> Int64 {
        var value: Int64 = 0
        var text = text
        let status = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                nt_decimal_read_units(
                    characters.baseAddress, UInt32(characters.count), decimals, units, &value)
            }
        }
        guard status == NT_OK else {
            let code: CoreError.Code = status == NT_OVERFLOW ? .overflow : .invalid
            throw CoreError(code, "\"\(text)\" is not a number with at most \(decimals) decimals")
        }
        return value
    }
}
