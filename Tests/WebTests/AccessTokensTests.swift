// AccessTokensTests.swift — the printed token works once and in time; sessions end.
import Synchronization
import Testing

@testable import needletail_web

@Suite("Access tokens") struct AccessTokensTests {
    private final class Time: Sendable {
        private let value = Mutex<Int64>(1)
        var now: Int64 { value.withLock { $0 } }
        func add(_ nanoseconds: Int64) { value.withLock { $0 += nanoseconds } }
    }

    private func made() -> (AccessTokens, String, Time) {
        let time = Time()
        let token = SecretText().text
        return (AccessTokens(token: token) { time.now }, token, time)
    }

    private func session(_ exchange: AccessTokens.Exchange) throws -> String {
        guard case .session(let id) = exchange else {
            Issue.record("no session: \(exchange)")
            throw Refusal.noSession
        }
        return id
    }

    @Test("Secrets have 256 random bits") func secrets() {
        let texts = (0..<100).map { _ in SecretText().text }
        #expect(texts.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
        #expect(Set(texts).count == 100)
    }

    @Test("The token opens one session, once") func once() throws {
        let (tokens, token, _) = made()
        let id = try session(tokens.exchange(token))
        #expect(id.count == 64)
        #expect(tokens.session(id) != nil)
        #expect(tokens.exchange(token) == .used)
    }

    @Test("A wrong token is told so and uses nothing up") func wrong() throws {
        let (tokens, token, _) = made()
        #expect(tokens.exchange("") == .wrong)
        #expect(tokens.exchange(String(token.dropLast())) == .wrong)
        #expect(tokens.exchange(token + "0") == .wrong)
        _ = try session(tokens.exchange(token))
    }

    @Test("After fifteen minutes the token is too old") func expires() {
        let (tokens, token, time) = made()
        time.add(AccessTokens.tokenLife + 1)
        #expect(tokens.exchange(token) == .expired)
    }

    @Test("A session ends after twelve hours") func sessionEnds() throws {
        let (tokens, token, time) = made()
        let id = try session(tokens.exchange(token))
        time.add(AccessTokens.sessionLife - 1)
        #expect(tokens.session(id) != nil)
        time.add(2)
        #expect(tokens.session(id) == nil)
    }

    @Test("No cookie and a wrong one are no session") func noSession() throws {
        let (tokens, token, _) = made()
        let id = try session(tokens.exchange(token))
        #expect(tokens.session(nil) == nil)
        #expect(tokens.session("") == nil)
        #expect(tokens.session(String(id.reversed())) == nil)
    }

    @Test("An action needs the session's own token") func actionToken() throws {
        let (tokens, token, _) = made()
        let session = try #require(tokens.session(try session(tokens.exchange(token))))
        #expect(session.mayAct(session.actionToken))
        #expect(!session.mayAct(nil))
        #expect(!session.mayAct(""))
        #expect(!session.mayAct(SecretText().text))
    }
}
