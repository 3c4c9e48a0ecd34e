// Authority.swift — who may act: keys, signatures over what was sent, and the request's time.
import Core

/// A client's key. Secrets of Ed25519 keys stay with the client.
package struct ApiKey: Sendable {
    package enum Kind: Sendable {
        case hmac(secret: String)
        case ed25519(publicKey: [UInt8])
    }

    package let text: String
    package let account: AccountID
    package let kind: Kind

    package init(_ text: String, account: AccountID, kind: Kind) {
        self.text = text
        self.account = account
        self.kind = kind
    }
}

struct Authority {
    private enum Verifier {
        case hmac(HMACKey)
        case ed25519(publicKey: [UInt8])
    }

    private struct Entry {
        let account: AccountID
        let verifier: Verifier
    }

    private let entries: [String: Entry]

    private static let standardWindow: Int64 = 5_000
    private static let largestWindow: Int64 = 60_000
    private static let largestLead: Int64 = 1_000

    init(_ keys: [ApiKey]) {
        var entries: [String: Entry] = [:]
        for key in keys {
            let verifier: Verifier =
                switch key.kind {
                case .hmac(let secret): .hmac(HMACKey(secret: Array(secret.utf8)))
                case .ed25519(let publicKey): .ed25519(publicKey: publicKey)
                }
            entries[key.text] = Entry(account: key.account, verifier: verifier)
        }
        self.entries = entries
    }

    /// Checks key, time and signature in the venue's order; returns whose key it is.
    func authorize(
        _ parameters: Parameters, key: String, payload: String, now: Int64
    ) throws(BinanceError) -> AccountID {
        guard !key.isEmpty, key.utf8.count <= 128, key.allSatisfy(\.isASCII) else {
            throw .badKeyFormat
        }
        guard let entry = entries[key] else { throw .rejectedKey }
        try checkTime(parameters, now: now)
        let signature = try parameters.text("signature")
        guard Self.accepts(signature, of: payload, entry.verifier) else { throw .badSignature }
        return entry.account
    }

    /// The request's time against ours; requests of a logged-on session need only this.
    func checkTime(_ parameters: Parameters, now: Int64) throws(BinanceError) {
        guard let timestamp = try parameters.optionalTime("timestamp") else {
            throw .missing("timestamp")
        }
        var window = Self.standardWindow
        if let units = try parameters.optionalAmount("recvWindow") {
            window = units / 100_000_000
            guard window <= Self.largestWindow else { throw .badReceiveWindow }
        }
        guard timestamp < now + Self.largestLead else { throw .earlyTimestamp }
        guard now - timestamp <= window else { throw .staleTimestamp }
    }

    func isEd25519(_ key: String) -> Bool {
        if case .ed25519 = entries[key]?.verifier { return true }
        return false
    }

    func knows(_ key: String) -> Bool { entries[key] != nil }

    private static func accepts(
        _ signature: String, of payload: String, _ verifier: Verifier
    ) -> Bool {
        switch verifier {
        case .hmac(let key):
            Hex.text(key.sign(Array(payload.utf8))) == signature.lowercased()
        case .ed25519(let publicKey):
            Ed25519.verify(
                signature: Base64.bytes(signature) ?? [], of: Array(payload.utf8),
                publicKey: publicKey)
        }
    }
}
