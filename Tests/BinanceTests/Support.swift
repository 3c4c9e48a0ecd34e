// Support.swift — the instruments, the fake transport and the shared folder of these tests.
import Core
import Foundation
import Synchronization

@testable import Binance

enum Sample {
    static let bitcoin = Instrument(
        symbol: "BTCUSDT", base: "BTC", quote: "USDT", priceDecimals: 2, quantityDecimals: 5)

    // The venue's published examples.
    static let apiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
    static let secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u
        -----END PRIVATE KEY-----

        """
    static let hmac = BinanceCredentials(apiKey: apiKey, secret: .hmac(secret))
    static let ed25519 = BinanceCredentials(
        apiKey: "4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO",
        secret: .ed25519(pem))
}

/// Answers from a script, in order, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    enum Step: Sendable {
        case answer(Int, String, retryAfter: Int64? = nil, usedWeight: Int32? = nil)
        case failure(sent: Bool)
    }

    private let steps: Mutex<[Step]>
    private let asked = Mutex<[HTTPRequest]>([])
    /// Runs before each answer: time passes on the wire.
    private let onExchange: @Sendable () -> Void

    init(_ steps: [Step], onExchange: @escaping @Sendable () -> Void = {}) {
        self.steps = Mutex(steps)
        self.onExchange = onExchange
    }

    var requests: [HTTPRequest] { asked.withLock { $0 } }

    func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
        onExchange()
        asked.withLock { $0.append(request) }
        let step = steps.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        switch step {
        case .answer(let status, let body, let retryAfter, let usedWeight):
            return HTTPResponse(
                status: status, body: Array(body.utf8), retryAfter: retryAfter,
                usedWeight: usedWeight)
        case .failure(let sent):
            throw HTTPFailure(code: .timeout, text: "no answer", sent: sent)
        case nil:
            throw HTTPFailure(code: .closed, text: "the script has ended", sent: false)
        }
    }
}

/// Recorded material outside the project; tests on it skip where it is absent.
enum Shared {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment["NEEDLETAIL_SHARED"]
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = environment ?? root.appendingPathComponent("../shared").standardized.path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static let payloads = "vectors/binance-docs/payloads.json"
    static let clientRequests = "vectors/ccxt-generated/request/binance.json"

    static func has(_ path: String) -> Bool {
        folder.map { FileManager.default.fileExists(atPath: $0 + "/" + path) } ?? false
    }

    /// An array of JSON objects.
    static func objects(_ path: String) throws -> [[String: Any]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: (folder ?? "") + "/" + path))
        return try JSONSerialization.jsonObject(with: data) as? [[String: Any]] ?? []
    }
}

func text(_ json: Any) throws -> String {
    String(
        decoding: try JSONSerialization.data(withJSONObject: json, options: .sortedKeys),
        as: UTF8.self)
}
