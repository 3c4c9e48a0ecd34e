// ExactDecimal.swift — a decimal text as digits and scale, before its instrument is known.
import Core

/// mantissa × 10^-decimals, without trailing zeros. Not negative.
struct ExactDecimal: Sendable, Hashable, Decodable {
    let mantissa: Int64
    let decimals: UInt32

    enum Rounding {
        case down
        case up
    }

    init(_ text: String) throws(CoreError) {
        let characters = Array(text.utf8)
        let point = characters.firstIndex(of: UInt8(ascii: "."))
        var end = characters.count
        if let point {
            while end > point, characters[end - 1] == UInt8(ascii: "0") { end -= 1 }
            if end == point + 1 { end = point }
        }
        let shortened = String(decoding: characters[..<end], as: UTF8.self)
        let places = point.map { max(end - $0 - 1, 0) } ?? 0
        guard places <= 18 else { throw CoreError(.invalid, "\"\(text)\" has too many decimals") }
        // A bare point or an empty text fails here.
        guard point != characters.count - 1 else {
            throw CoreError(.invalid, "\"\(text)\" is not a number")
        }
        let value = try Decimals.read(shortened, decimals: UInt32(places))
        guard value >= 0 else { throw CoreError(.invalid, "\"\(text)\" is negative") }
        mantissa = value
        decimals = UInt32(places)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // A JSON number has lost its digits by the time it gets here.
        self = try ExactDecimal(container.decode(String.self))
    }

    var isZero: Bool { mantissa == 0 }

    /// In units of `units` × 10^-`places`, rounded. `.overflow` when it does not fit.
    func count(places: UInt32, units: Int64, _ rounding: Rounding) throws(CoreError) -> Int64 {
        var value = mantissa
        var scale = decimals
        while scale < places {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw CoreError(.overflow, "a venue's limit does not fit") }
            value = product
            scale += 1
        }
        var divisor = units
        while scale > places {
            let (product, overflow) = divisor.multipliedReportingOverflow(by: 10)
            guard !overflow else { return rounding == .up && value > 0 ? 1 : 0 }
            divisor = product
            scale -= 1
        }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 && rounding == .up ? quotient + 1 : quotient
    }
}
