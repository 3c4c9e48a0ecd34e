import Core
import Foundation
import Testing

@testable import Binance

@Suite("Signing") struct SigningTests {
    private static let order =
        "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
        + "&timestamp=1499827319559"

    @Test("HMAC gives the venue's published signatures")
    func hmac() throws {
        let signer = try Signer(Sample.hmac)
        #expect(
            try signer.signature("symbol=LTCBTC&" + Self.order)
                == "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71")
    }

    @Test("A symbol beyond ASCII is escaped before it is signed")
    func unicode() throws {
        var query = Query()
        query.add("symbol", "\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}")
        #expect(query.text == "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96")
        #expect(
            try Signer(Sample.hmac).signature(query.text + "&" + Self.order)
                == "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3")
    }

    @Test("Ed25519 gives the published signature, escaped for a URL")
    func ed25519() throws {
        let payload = "A\u{1}EXAMPLE\u{1}SPOT\u{1}1\u{1}20240627-11:17:25.223"
        #expect(
            try Signer(Sample.ed25519).signature(payload)
                == "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM%2B5UdlGPrQHrgtS3CvsRURC"
                + "1oj73j8gCA%3D%3D")
        let rest =
            "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2"
            + "&timestamp=1668481559918&recvWindow=5000"
        #expect(
            try Signer(Sample.ed25519).signature(rest)
                == "inDT086KVIP8vgUfw5sV3VTkescWztiAGlf4x8FLKHM4NInsn0c1kYVLoGMO8cyjfR6vmTku2YQ"
                + "E0gtfVVlfCw%3D%3D")
    }

    @Test("A broken private key is refused")
    func brokenKey() {
        let credentials = BinanceCredentials(apiKey: "k", secret: .ed25519("no key"))
        #expect(throws: CoreError.self) { try Signer(credentials) }
    }

    @Test("Credentials print no secret")
    func secrecy() {
        #expect(!"\(Sample.hmac)".contains(Sample.secret))
        #expect(!"\(Sample.hmac)".contains(Sample.apiKey))
    }

    /// Requests that a public client sent with the example key: its signatures are ours.
    @Test(
        "Agrees with a public client's signed requests",
        .enabled(
            if: Shared.has(Shared.clientRequests),
            "the shared folder with the clients' requests is absent"))
    func clientRequests() throws {
        let signer = try Signer(Sample.hmac)
        var compared = 0
        for request in try Shared.objects(Shared.clientRequests) {
            let url = request["url"] as? String ?? ""
            let query = url.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init)
            for text in [query, request["body"] as? String].compactMap({ $0 }) {
                let parts = text.components(separatedBy: "&signature=")
                guard parts.count == 2 else { continue }
                #expect(try signer.signature(parts[0]) == parts[1])
                compared += 1
            }
        }
        #expect(compared > 10)
        print("compared \(compared) signatures")
    }
}
