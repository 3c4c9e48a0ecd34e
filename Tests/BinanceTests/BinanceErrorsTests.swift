import Testing
import VenueKit

@testable import Binance

@Suite("Binance's errors") struct BinanceErrorsTests {
    @Test(
        "Codes and texts have one meaning",
        arguments: [
            (400, -1121, "Invalid symbol.", VenueError.Kind.badSymbol),
            (400, -1013, "Filter failure: LOT_SIZE", .filtered),
            (400, -1013, "Market is closed.", .marketClosed),
            (400, -1021, "Timestamp for this request is outside of the recvWindow.", .clock),
            (400, -1022, "Signature for this request is not valid.", .authentication),
            (401, -2015, "Invalid API-key, IP, or permissions for action.", .authentication),
            (400, -2013, "Order does not exist.", .orderNotFound),
            (400, -2011, "Unknown order sent.", .orderNotFound),
            (
                400, -2010, "Account has insufficient balance for requested action.",
                .insufficientFunds
            ),
            (400, -2010, "Duplicate order sent.", .duplicateClientID),
            (400, -2010, "Order would immediately match and take.", .postOnlyWouldTake),
            (400, -2010, "Market is closed.", .marketClosed),
            (400, -2010, "This account may not place or cancel orders.", .permission),
            (400, -2010, "A reason of tomorrow.", .invalidOrder),
            (400, -1007, "Timeout waiting for response.", .unknownOutcome),
            (400, -1001, "Internal error.", .unavailable),
            (503, -1000, "Unknown.", .unavailable),
            (429, -1003, "Too many requests.", .rateLimited(banned: false)),
            (418, -1003, "IP banned.", .rateLimited(banned: true)),
        ])
    func kinds(_ status: Int, _ code: Int, _ text: String, _ kind: VenueError.Kind) {
        let error = BinanceErrors.error(
            status: status, message: ErrorMessage(code: code, msg: text), retryAfter: nil, now: 0)
        #expect(error.kind == kind)
        #expect(error.code == code)
        #expect(error.text == text)
    }

    @Test("Without a body the status decides")
    func bare() {
        func kind(_ status: Int) -> VenueError.Kind {
            BinanceErrors.error(status: status, message: nil, retryAfter: nil, now: 0).kind
        }
        #expect(kind(401) == .authentication)
        #expect(kind(403) == .rateLimited(banned: false))
        #expect(kind(404) == .malformed)
        #expect(kind(502) == .unavailable)
    }

    @Test("What may be done next follows from the kind")
    func retry() {
        #expect(VenueError(.unknownOutcome, "").retry == .reconcile)
        #expect(VenueError(.notSent, "").retry == .freely)
        #expect(VenueError(.rateLimited(banned: true), "").retry == .afterWait)
        #expect(VenueError(.clock, "").retry == .fixFirst)
        #expect(VenueError(.badSymbol, "no", code: -1121).description == "no (code -1121)")
    }
}
