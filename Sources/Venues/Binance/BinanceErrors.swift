// BinanceErrors.swift — Binance's codes and texts in the common taxonomy.
//
// The code is stable and the text is not, but -2010 and its kin use one code for many reasons:
// there the text decides, and a text that is new stays `.invalidOrder`.
import VenueKit

/// {"code": -1121, "msg": "Invalid symbol."}
struct ErrorMessage: Decodable, Sendable {
    let code: Int
    let msg: String
}

enum BinanceErrors {
    /// An answer that is no success. `now`: wall milliseconds, for `Retry-After`.
    static func error(
        status: Int, message: ErrorMessage?, retryAfter seconds: Int64?, now: Int64
    ) -> VenueError {
        let until = seconds.map { now + $0 * 1000 }
        return VenueError(
            kind(status: status, message), message?.msg ?? "HTTP status \(status)",
            code: message?.code, httpStatus: status, retryAfter: until)
    }

    private static func kind(status: Int, _ message: ErrorMessage?) -> VenueError.Kind {
        if status == 418 { return .rateLimited(banned: true) }
        if status == 429 || status == 403 { return .rateLimited(banned: false) }
        // The request was read, its outcome is not stated; only what may be asked twice comes here,
        // so asking again is harmless.
        if status >= 500 { return .unavailable }
        guard let message else { return status == 401 ? .authentication : .malformed }
        return kind(code: message.code, text: message.msg)
    }

    static func kind(code: Int, text: String) -> VenueError.Kind {
        switch code {
        case -1000, -1001, -1008, -1016: .unavailable
        case -1006, -1007: .unknownOutcome
        case -1002, -2014, -2015, -1022, -1099: .authentication
        case -1021: .clock
        case -1003, -1015, -1034, -1181: .rateLimited(banned: false)
        case -1121: .badSymbol
        case -1013: reason(text) ?? .filtered
        case -1111: .filtered
        case -2011, -2013, -2026: reason(text) ?? .orderNotFound
        case -1010, -2010, -2038: reason(text) ?? .invalidOrder
        default: .invalidOrder
        }
    }

    private static let reasons: [(part: String, kind: VenueError.Kind)] = [
        ("insufficient balance", .insufficientFunds),
        ("Duplicate order", .duplicateClientID),
        ("would immediately match and take", .postOnlyWouldTake),
        ("Market is closed", .marketClosed),
        ("may not place or cancel", .permission),
        ("disabled on this account", .permission),
        ("not permitted for this account", .permission),
        ("restricted for this account", .permission),
        ("Unknown order", .orderNotFound),
    ]

    private static func reason(_ text: String) -> VenueError.Kind? {
        reasons.first { text.contains($0.part) }?.kind
    }
}
