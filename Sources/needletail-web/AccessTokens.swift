// AccessTokens.swift — who may see the page: one token in the printed address, exchanged once for
// a session cookie. Only hashes are kept, so that this process' memory opens nothing.
import Core
import Synchronization

/// 256 random bits as 64 hexadecimal digits.
struct SecretText: Sendable {
    let text: String

    init() {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        while bytes.count < 32 { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
        let digits = Array("0123456789abcdef")
        text = String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// The hash of a secret, compared in constant time.
struct SecretHash: Sendable, Hashable {
    private let digest: [UInt8]

    init(_ text: String) { digest = SHA256.digest(Array(text.utf8)) }

    /// Looks at every byte whatever it finds.
    func matches(_ text: String) -> Bool {
        let other = SHA256.digest(Array(text.utf8))
        var difference: UInt8 = 0
        for index in digest.indices { difference |= digest[index] ^ other[index] }
        return difference == 0
    }
}

/// A browser that was let in.
struct Session: Sendable {
    fileprivate var expires: Int64
    /// Must come back in a header with every change, so that no other site's form can make one.
    fileprivate(set) var actionToken: String

    func mayAct(_ token: String?) -> Bool {
        guard let token else { return false }
        return SecretHash(actionToken).matches(token)
    }
}

final class AccessTokens: Sendable {
    static let tokenLife: Int64 = 15 * 60 * 1_000_000_000
    static let sessionLife: Int64 = 12 * 3600 * 1_000_000_000

    enum Exchange: Equatable {
        /// The cookie's value.
        case session(String)
        case used
        case expired
        case wrong
    }

    private struct State {
        var token: SecretHash
        var tokenExpires: Int64
        var isUsed = false
        var sessions: [SecretHash: Session] = [:]
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64

    /// `now`: monotonic nanoseconds.
    init(token: String, now: @escaping @Sendable () -> Int64) {
        self.now = now
        state = Mutex(State(token: SecretHash(token), tokenExpires: now() + Self.tokenLife))
    }

    /// Works once. A wrong guess uses nothing up: with 256 bits it may go on for ever.
    func exchange(_ token: String) -> Exchange {
        state.withLock { state in
            guard state.token.matches(token) else { return .wrong }
            if state.isUsed { return .used }
            if now() > state.tokenExpires { return .expired }
            state.isUsed = true
            let id = SecretText().text
            let session = Session(
                expires: now() + Self.sessionLife, actionToken: SecretText().text)
            state.sessions[SecretHash(id)] = session
            return .session(id)
        }
    }

    /// The session of a cookie; nil when there is none or its time is over.
    func session(_ id: String?) -> Session? {
        guard let id, id.utf8.count == 64 else { return nil }
        let hash = SecretHash(id)
        return state.withLock { state in
            guard let session = state.sessions[hash] else { return nil }
            guard now() <= session.expires else {
                state.sessions[hash] = nil
                return nil
            }
            return session
        }
    }
}
