import Core
import Testing

@Suite("Connector") struct ConnectorTests {
    private func failure(_ request: HTTPRequest) throws -> HTTPFailure? {
        let connector = try Connector()
        do throws(HTTPFailure) {
            _ = try connector.perform(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("Control characters never reach the wire")
    func controlCharacters() throws {
        var request = HTTPRequest(method: "GET", host: "127.0.0.1", port: 1, target: "/a b")
        #expect(try failure(request)?.code == .invalid)
        request.target = "/a\r\nX: y"
        #expect(try failure(request)?.code == .invalid)
        request.target = "/"
        request.headers = [(name: "X-Key", value: "a\r\nHost: elsewhere")]
        let refused = try failure(request)
        #expect(refused?.code == .invalid)
        #expect(refused?.sent == false)
    }

    @Test("A port that nobody listens on is a failure before anything was sent")
    func closedPort() throws {
        var request = HTTPRequest(method: "GET", host: "127.0.0.1", port: 1, target: "/")
        request.plainText = true
        request.timeoutMilliseconds = 2_000
        let refused = try #require(try failure(request))
        #expect(!refused.sent)
        #expect(!refused.text.isEmpty)
    }

    @Test("Addresses resolve to themselves; names that cannot be are an error")
    func resolving() throws {
        #expect(try Connector.resolve("127.0.0.1") == ["127.0.0.1"])
        #expect(throws: CoreError.self) { try Connector.resolve("no such name.invalid") }
    }
}
