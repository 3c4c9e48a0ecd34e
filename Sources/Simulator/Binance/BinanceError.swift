// BinanceError.swift — the venue's errors by their documented codes, texts and HTTP status.

/// One refusal, as it appears in an answer.
package struct BinanceError: Error, Equatable, Sendable {
    package let status: Int
    package let code: Int64
    package let text: String
    /// Set on rate limits: when requests are allowed again, milliseconds UTC.
    package var retryAfter: Int64?

    package init(_ code: Int64, _ text: String, status: Int = 400) {
        self.status = status
        self.code = code
        self.text = text
    }

    // MARK: Authorization and limits

    static let badKeyFormat = BinanceError(-2014, "API-key format invalid.", status: 401)
    static let rejectedKey = BinanceError(
        -2015, "Invalid API-key, IP, or permissions for action.", status: 401)
    static let badSignature = BinanceError(-1022, "Signature for this request is not valid.")
    static let staleTimestamp = BinanceError(
        -1021, "Timestamp for this request is outside of the recvWindow.")
    static let earlyTimestamp = BinanceError(
        -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    static let badReceiveWindow = BinanceError(-1131, "recvWindow must be less than 60000.")
    static let keyKindNotSupported = BinanceError(-4056, "HMAC_SHA256 API key is not supported.")
    static let timeout = BinanceError(
        -1007,
        "Timeout waiting for response from backend server. Send status unknown; "
            + "execution status unknown.", status: 503)

    static func tooMuchWeight(limit: Int, retryAfter: Int64, isBanned: Bool) -> BinanceError {
        var error =
            isBanned
            ? BinanceError(
                -1003,
                "Way too much request weight used; IP banned until \(retryAfter). "
                    + "Please use WebSocket Streams for live updates to avoid bans.", status: 418)
            : BinanceError(
                -1003,
                "Too much request weight used; current limit is \(limit) request weight per "
                    + "1 MINUTE. Please use WebSocket Streams for live updates to avoid polling "
                    + "the API.", status: 429)
        error.retryAfter = retryAfter
        return error
    }

    static func tooManyOrders(limit: Int, per interval: String, retryAfter: Int64) -> BinanceError {
        var error = BinanceError(
            -1015, "Too many new orders; current limit is \(limit) orders per \(interval).",
            status: 429)
        error.retryAfter = retryAfter
        return error
    }

    // MARK: Parameters

    static func missing(_ name: String) -> BinanceError {
        BinanceError(
            -1102, "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
    }
    static func missingBoth(_ first: String, _ second: String) -> BinanceError {
        BinanceError(
            -1102, "Param '\(first)' or '\(second)' must be sent, but both were empty/null!")
    }
    static func illegal(_ name: String, range: String) -> BinanceError {
        BinanceError(
            -1100, "Illegal characters found in parameter '\(name)'; legal range is '\(range)'.")
    }
    static func empty(_ name: String) -> BinanceError {
        BinanceError(-1105, "Parameter '\(name)' was empty.")
    }
    static func notRequired(_ name: String) -> BinanceError {
        BinanceError(-1106, "Parameter '\(name)' sent when not required.")
    }
    static func overflow(_ name: String) -> BinanceError {
        BinanceError(-1108, "Parameter '\(name)' overflowed.")
    }
    static func precision(_ name: String) -> BinanceError {
        BinanceError(-1111, "Parameter '\(name)' has too much precision.")
    }
    static func invalid(_ name: String) -> BinanceError {
        BinanceError(-1130, "Data sent for parameter '\(name)' is not valid.")
    }
    static let duplicateParameter = BinanceError(
        -1101, "Duplicate values for a parameter detected.")
    static let badCombination = BinanceError(
        -1128, "Combination of optional parameters invalid.")
    static let badTimeInForce = BinanceError(-1115, "Invalid timeInForce.")
    static let badOrderType = BinanceError(-1116, "Invalid orderType.")
    static let badSide = BinanceError(-1117, "Invalid side.")
    static let badInterval = BinanceError(-1120, "Invalid interval.")
    static let badSymbol = BinanceError(-1121, "Invalid symbol.")
    static let badCancelRestrictions = BinanceError(-1145, "Invalid cancelRestrictions")
    static let badJSON = BinanceError(-1135, "Invalid JSON Request")
    static let notSupported = BinanceError(-1020, "This operation is not supported.")
    static let subscriptionActive = BinanceError(
        -2035, "User Data Stream subscription already active.")
    static let subscriptionInactive = BinanceError(
        -2036, "User Data Stream subscription not active.")

    // MARK: Orders

    static func filter(_ name: String) -> BinanceError {
        BinanceError(-1013, "Filter failure: \(name)")
    }
    static let marketClosed = BinanceError(-1013, "Market is closed.")
    static func rejected(_ text: String) -> BinanceError { BinanceError(-2010, text) }
    static func cancelRejected(_ text: String) -> BinanceError { BinanceError(-2011, text) }
    static let noSuchOrder = BinanceError(-2013, "Order does not exist.")
    static let unknownOrder = cancelRejected("Unknown order sent.")

    /// The text that the venue gives for a refusal of its matching engine.
    init(_ refusal: ExchangeRefusal) {
        self =
            switch refusal {
            case .filter(let name): Self.filter(name)
            case .insufficientBalance:
                Self.rejected("Account has insufficient balance for requested action.")
            case .wouldTake: Self.rejected("Order would immediately match and take.")
            case .wouldTrigger: Self.rejected("Order would trigger immediately.")
            case .duplicateClientID: Self.rejected("Duplicate order sent.")
            case .tooLittleLiquidity:
                Self.rejected(
                    "Order book liquidity is less than `LOT_SIZE` filter minimum quantity.")
            case .valueTooLow: Self.rejected("Price * QTY is zero or less.")
            case .unknownOrder: Self.unknownOrder
            case .notLower:
                BinanceError(
                    -2038,
                    "The requested action would change no state or is not lower than before; "
                        + "rejecting.")
            case .tooManyAmendments: Self.filter("MAX_NUM_ORDER_AMENDS")
            }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("code", code)
            json.member("msg", text)
        }
    }
}
