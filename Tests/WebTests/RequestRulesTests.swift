// RequestRulesTests.swift — what a request must bring, rule by rule.
import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import Bot
@testable import needletail_web

@Suite("Request rules") struct RequestRulesTests {
    private let rules = RequestRules(port: 8123)

    @Test("Our own names pass", arguments: ["127.0.0.1:8123", "localhost:8123", "LOCALHOST:8123"])
    func ownHost(_ host: String) throws { try rules.checkHost(host) }

    @Test(
        "Any other host is refused",
        arguments: [
            nil, "", "127.0.0.1", "127.0.0.1:80", "evil.example:8123", "localhost.:8123",
            "127.0.0.1:8123.evil.example", "[::1]:8123",
        ])
    func foreignHost(_ host: String?) {
        #expect(throws: Refusal.self) { try rules.checkHost(host) }
    }

    @Test("A long address is refused as 414") func longTarget() throws {
        try rules.checkTarget("/" + String(repeating: "a", count: 2000))
        do {
            try rules.checkTarget("/" + String(repeating: "a", count: 3000))
            Issue.record("passed")
        } catch { #expect(error.status == .uriTooLong) }
    }

    @Test("Our cookie is found among others, and no other") func cookies() {
        #expect(rules.cookie("a=b; needletail_8123=xyz; c=d") == "xyz")
        #expect(rules.cookie("needletail_8123=xyz") == "xyz")
        #expect(rules.cookie("needletail_8124=xyz; xneedletail_8123=a") == nil)
        #expect(rules.cookie(nil) == nil)
        #expect(rules.cookie(String(repeating: "a", count: 5000) + "; needletail_8123=x") == nil)
    }

    @Test("The cookie is closed to scripts and other sites") func setCookie() {
        let text = rules.setCookie("abc")
        #expect(text.hasPrefix("needletail_8123=abc; "))
        #expect(text.contains("HttpOnly") && text.contains("SameSite=Strict"))
        #expect(text.contains("Path=/"))
    }

    private func change(_ edit: (inout HTTPFields, Session) -> Void) throws -> HTTPResponse.Status?
    {
        let token = SecretText().text
        let tokens = AccessTokens(token: token) { 1 }
        guard case .session(let id) = tokens.exchange(token) else { return .internalServerError }
        let session = try #require(tokens.session(id))
        var headers = HTTPFields()
        headers[.origin] = "http://127.0.0.1:8123"
        headers[.actionToken] = session.actionToken
        headers[.contentType] = "application/json"
        edit(&headers, session)
        do {
            try rules.checkChange(headers, session)
            return nil
        } catch {
            return error.status
        }
    }

    @Test("A change from the page itself passes") func goodChange() throws {
        #expect(try change { _, _ in } == nil)
        #expect(try change { headers, _ in headers[.secFetchSite] = "same-origin" } == nil)
        #expect(try change { headers, _ in headers[.origin] = "http://localhost:8123" } == nil)
    }

    @Test("A change without each of its parts is refused by name") func badChange() throws {
        #expect(try change { headers, _ in headers[.origin] = nil } == .forbidden)
        #expect(try change { headers, _ in headers[.origin] = "null" } == .forbidden)
        #expect(
            try change { headers, _ in headers[.origin] = "http://evil.example" } == .forbidden)
        #expect(
            try change { headers, _ in headers[.origin] = "https://127.0.0.1:8123" } == .forbidden)
        #expect(try change { headers, _ in headers[.secFetchSite] = "same-site" } == .forbidden)
        #expect(try change { headers, _ in headers[.actionToken] = nil } == .forbidden)
        #expect(try change { headers, _ in headers[.actionToken] = "guess" } == .forbidden)
        #expect(
            try change { headers, _ in headers[.contentType] = "text/plain" }
                == .unsupportedMediaType)
        #expect(
            try change { headers, _ in headers[.contentLength] = "100000" } == .contentTooLarge)
    }

    @Test("The policy allows nothing inline and nothing from elsewhere") func policy() {
        let fields = SafeHeaders.fields(contentType: "text/html")
        let policy = fields[.contentSecurityPolicy] ?? ""
        #expect(policy.hasPrefix("default-src 'none';"))
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
        #expect(fields[.cacheControl] == "no-store")
        #expect(fields[.xContentTypeOptions] == "nosniff")
    }
}

@Suite("Page actions") struct PageActionTests {
    private func status(_ body: String) -> HTTPResponse.Status? {
        do {
            _ = try PageAction(Data(body.utf8))
            return nil
        } catch {
            return error.status
        }
    }

    @Test("Known actions become requests that say where they come from") func known() throws {
        let halt = try PageAction(Data(#"{"action":"halt","reason":"news"}"#.utf8))
        #expect(halt.request.command == "halt")
        #expect(halt.request.arguments == ["reason": "page: news"])
        let cancel = try PageAction(Data(#"{"action":"cancel","order":"1-2"}"#.utf8))
        #expect(cancel.request.arguments["order"] == "1-2")
        for name in ["reduce", "resume", "flatten"] {
            #expect(status("{\"action\":\"\(name)\"}") == nil)
        }
    }

    @Test(
        "Anything else is a bad request",
        arguments: [
            "", "[]", "{", "null", #"{"action":"place"}"#, #"{"action":"stop"}"#, "{}",
            #"{"action":1}"#, #"{"action":"halt","x":"y"}"#, #"{"action":"cancel"}"#,
            #"{"action":"cancel","order":""}"#, #"{"action":"halt","order":"1-2"}"#,
            "{\"action\":\"halt\",\"reason\":\"\(String(repeating: "a", count: 65))\"}",
        ])
    func unknown(_ body: String) { #expect(status(body) == .badRequest) }

    @Test("The bot's answers become statuses that mean the same") func statuses() {
        let expected: [(Int32, HTTPResponse.Status)] = [
            (0, .ok), (1, .notFound), (2, .badRequest), (3, .conflict), (4, .serviceUnavailable),
            (5, .gatewayTimeout), (7, .internalServerError), (77, .forbidden),
        ]
        for (exit, status) in expected { #expect(ActionDesk.status(exit) == status) }
    }

    @Test("Where no bot runs an action is unavailable, and says so") func noBot() async throws {
        let desk = ActionDesk(socket: "/nonexistent/admin.sock")
        let outcome = try await desk.perform(try PageAction(Data(#"{"action":"halt"}"#.utf8)))
        #expect(outcome.status == .serviceUnavailable && outcome.text == "no bot is running")
    }

    @Test("A halt finds room while as many others as may wait for their proof")
    func haltHasRoom() async throws {
        let path = NSTemporaryDirectory() + "nt-halt-\(getpid()).sock"
        let proof = DispatchSemaphore(value: 0)
        let asked = Mutex(0)
        let server = try AdminServer(path: path) { request in
            if request.command == "cancel" {
                asked.withLock { $0 += 1 }
                proof.wait()
            }
            return .document(ActionDocument(done: true, text: "done", openOrders: 0))
        }
        server.start()
        // A busy machine may keep this test from its turn for long.
        let desk = ActionDesk(socket: path, patience: 600)
        let cancel = try PageAction(Data(#"{"action":"cancel","order":"1-2"}"#.utf8))
        let waiting = (0..<ActionDesk.maxAtOnce).map { _ in Task { try await desk.perform(cancel) }
        }
        while asked.withLock({ $0 }) < ActionDesk.maxAtOnce { await Task.yield() }
        let more = try? await desk.perform(cancel)
        let halt = try? await desk.perform(try PageAction(Data(#"{"action":"halt"}"#.utf8)))
        for _ in 0...waiting.count { proof.signal() }
        for task in waiting { #expect(try await task.value.done) }
        #expect(more == nil)
        #expect(halt?.done == true)
        server.stop()
    }
}
