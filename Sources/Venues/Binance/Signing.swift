// Signing.swift — Binance's signatures for REST: over the query exactly as it is sent.
import Core

/// Keys of one account. Prints no secret.
public struct BinanceCredentials: Sendable, CustomStringConvertible {
    public enum Secret: Sendable {
        case hmac(String)
        /// PKCS#8 PEM.
        case ed25519(String)
    }

    public let apiKey: String
    public let secret: Secret

    public init(apiKey: String, secret: Secret) {
        self.apiKey = apiKey
        self.secret = secret
    }

    public var description: String { "BinanceCredentials(\(apiKey.prefix(4))…)" }
}

/// Parameters in the order in which they are sent; values are percent-encoded on entry.
struct Query {
    private(set) var text = ""

    mutating func add(_ name: String, _ value: String) {
        if !text.isEmpty { text += "&" }
        text += name + "=" + Self.encoded(value)
    }

    mutating func add(_ name: String, _ value: Int64) { add(name, String(value)) }

    /// Unreserved characters of RFC 3986 stay; every other byte of the UTF-8 text is escaped.
    static func encoded(_ value: String) -> String {
        var result = ""
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return result
    }
}

/// Signs queries with one account's key.
struct Signer: Sendable {
    private enum Key: Sendable {
        case hmac(HMACKey)
        case ed25519(Ed25519Key)
    }

    let apiKey: String
    private let key: Key

    init(_ credentials: BinanceCredentials) throws(CoreError) {
        apiKey = credentials.apiKey
        switch credentials.secret {
        case .hmac(let secret): key = .hmac(HMACKey(secret: Array(secret.utf8)))
        case .ed25519(let pem): key = .ed25519(try Ed25519Key(pem: pem))
        }
    }

    /// As it stands in a URL.
    func signature(_ payload: String) throws(CoreError) -> String {
        switch key {
        case .hmac(let key): Hex.text(key.sign(Array(payload.utf8)))
        case .ed25519(let key): Query.encoded(Base64.text(try key.sign(Array(payload.utf8))))
        }
    }
}
