// SimulatorServerTests.swift — the whole simulator behind real TLS sockets on loopback.
import Core
import Foundation
import Simulator
import Testing

@Suite("Simulator server", .serialized) struct SimulatorServerTests {
    private func configuration(_ directory: String) -> SimulatorConfiguration {
        var configuration = SimulatorConfiguration(
            markets: [
                SimulatedMarket(
                    symbol: "BTCUSDT", base: "BTC", quote: "USDT", source: .flow(start: 60_000)),
                SimulatedMarket(
                    symbol: "ETHUSDT", base: "ETH", quote: "USDT", source: .flow(start: 3_000)),
            ], stateDirectory: directory)
        configuration.balances = ["USDT": Money(10_000), "BTC": Money(1)]
        return configuration
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/simulator-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func request(_ details: SimulatorDetails, _ method: String, _ target: String)
        -> HTTPRequest
    {
        let port = UInt16(details.restURL.split(separator: ":").last ?? "") ?? 0
        var request = HTTPRequest(method: method, host: "127.0.0.1", port: port, target: target)
        request.caFile = details.caFile
        return request
    }

    @Test("Serves a signed order over HTTPS, and nobody without its CA")
    func servesOrders() throws {
        try withDirectory { directory in
            let server = try SimulatorServer.start(configuration(directory))
            defer { server.stop() }
            let connector = try Connector()
            let details = server.details
            #expect(details.symbols == ["BTCUSDT", "ETHUSDT"])

            let time = try connector.perform(request(details, "GET", "/api/v3/time"))
            let json = try JSONSerialization.jsonObject(with: Data(time.body)) as? [String: Int]
            let now = json?["serverTime"] ?? 0
            let payload = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&timestamp=\(now)"
            let key = HMACKey(secret: Array(details.apiSecret.utf8))
            let signature = Hex.text(key.sign(Array(payload.utf8)))
            var order = request(
                details, "POST", "/api/v3/order?\(payload)&signature=\(signature)")
            order.headers = [("X-MBX-APIKEY", details.apiKey)]
            let answer = try connector.perform(order)
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self).contains(#""status":"FILLED""#))

            var stranger = request(details, "GET", "/api/v3/ping")
            stranger.caFile = nil
            #expect(throws: HTTPFailure.self) { try connector.perform(stranger) }
        }
    }

    @Test("Keeps its key file to its owner, and describes itself by the documented keys")
    func describesItself() throws {
        try withDirectory { directory in
            let server = try SimulatorServer.start(configuration(directory))
            defer { server.stop() }
            let details = server.details
            let mode = try FileManager.default.attributesOfItem(atPath: details.ed25519KeyFile)
            #expect((mode[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            let pem = try String(contentsOfFile: details.ed25519KeyFile, encoding: .utf8)
            #expect(throws: Never.self) { try Ed25519Key(pem: pem) }
            let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(details))
            #expect(
                Set((json as? [String: Any] ?? [:]).keys) == [
                    "rest_url", "ws_url", "ws_api_url", "ca_file", "api_key", "api_secret",
                    "ed25519_api_key", "ed25519_key_file", "venue", "symbols",
                ])
        }
    }

    @Test("Says plainly why it cannot start")
    func explainsFailure() throws {
        try withDirectory { directory in
            let server = try SimulatorServer.start(configuration(directory))
            defer { server.stop() }
            var second = configuration(directory)
            second.port = UInt16(server.details.restURL.split(separator: ":").last ?? "") ?? 0
            #expect(throws: SimulatorError.self) { try SimulatorServer.start(second) }
            var broken = configuration(directory)
            broken.markets[0].source = .bars(path: "/nonexistent.csv")
            #expect(throws: SimulatorError.self) { try SimulatorServer.start(broken) }
            broken = configuration(directory)
            broken.faultScript = "order 1 explode"
            #expect(throws: SimulatorError.self) { try SimulatorServer.start(broken) }
            broken = configuration(directory)
            broken.markets[0].priceDecimals = 6
            #expect(throws: SimulatorError.self) { try SimulatorServer.start(broken) }
            #expect(throws: SimulatorError.self) { try server.inject("after never cut all") }
        }
    }
}
