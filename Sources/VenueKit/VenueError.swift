// VenueError.swift — one taxonomy of failures for every venue.
//
// The kind says what a caller may do next; the venue's own code and text ride along for people.
// Whoever adds a kind gives it a `retry`, and the compiler finds every switch that must know it.

/// What a caller may do after a failure.
public enum Retry: Sendable, Hashable {
    case never
    /// The strategy decides again on a new picture.
    case strategy
    /// Ask the venue what became of it before anything else.
    case reconcile
    case afterWait
    /// Keys, clock or permissions must change first.
    case fixFirst
    /// Proven to have had no effect.
    case freely
    case backoff
}

/// A call to a venue that failed.
public struct VenueError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        case insufficientFunds
        /// Our own checks should have caught it.
        case invalidOrder
        /// It breaks a rule of its instrument; perhaps the rules have changed.
        case filtered
        case postOnlyWouldTake
        /// Usually means that the first send worked.
        case duplicateClientID
        case orderNotFound
        case badSymbol
        case marketClosed
        case rateLimited(banned: Bool)
        case authentication
        /// Our clock and the venue's disagree.
        case clock
        case permission
        /// The venue's certificate is not to be trusted; nothing was sent.
        case untrusted
        /// No byte left this machine.
        case notSent
        /// It may have happened. Never resend blindly.
        case unknownOutcome
        case unavailable
        /// The answer breaks its format.
        case malformed
        /// This venue, or this key, has no such thing.
        case unsupported
    }

    public let kind: Kind
    /// In English; the venue's own words where it gave any.
    public let text: String
    /// The venue's code.
    public let code: Int?
    public let httpStatus: Int?
    /// Wall time in milliseconds from which requests are allowed again.
    public let retryAfter: Int64?

    public init(
        _ kind: Kind, _ text: String, code: Int? = nil, httpStatus: Int? = nil,
        retryAfter: Int64? = nil
    ) {
        self.kind = kind
        self.text = text
        self.code = code
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
    }

    public var retry: Retry {
        switch kind {
        case .insufficientFunds, .invalidOrder, .filtered, .badSymbol, .marketClosed, .unsupported:
            .never
        case .postOnlyWouldTake: .strategy
        case .duplicateClientID, .orderNotFound, .unknownOutcome: .reconcile
        case .rateLimited: .afterWait
        case .authentication, .clock, .permission, .untrusted: .fixFirst
        case .notSent: .freely
        case .unavailable, .malformed: .backoff
        }
    }

    public var description: String {
        let details = [code.map { "code \($0)" }, httpStatus.map { "HTTP \($0)" }].compactMap { $0 }
        return details.isEmpty ? text : "\(text) (\(details.joined(separator: ", ")))"
    }
}
