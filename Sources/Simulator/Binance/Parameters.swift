// Parameters.swift — the parameters of one request, with the venue's checks of each.
import Core

/// Names and values in the order sent; percent-encoding already undone.
package struct Parameters: Sendable {
    private(set) var pairs: [(name: String, value: String)]

    init(_ pairs: [(name: String, value: String)] = []) { self.pairs = pairs }

    /// Query and form body, each `a=b&c=d`; where both name one, the query wins.
    init(query: String, body: String) throws(BinanceError) {
        pairs = []
        for (part, isBody) in [(query, false), (body, true)] {
            var seen: Set<String> = []
            for field in part.split(separator: "&") {
                let halves = field.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = Self.decode(halves[0]),
                    let value = Self.decode(halves.count > 1 ? halves[1] : "")
                else { throw .illegal(String(halves[0]), range: "percent-encoded UTF-8") }
                guard seen.insert(name).inserted else { throw .duplicateParameter }
                if isBody, pairs.contains(where: { $0.name == name }) { continue }
                pairs.append((name, value))
            }
        }
    }

    /// Nil when malformed.
    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, let text = String(Substring(digits)) as String?,
                    text.allSatisfy(\.isHexDigit), let value = UInt8(text, radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    // MARK: Text

    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Nil when absent; an empty value is an error.
    func optional(_ name: String) throws(BinanceError) -> String? {
        guard let value = self[name] else { return nil }
        guard !value.isEmpty else { throw .empty(name) }
        return value
    }

    func text(_ name: String) throws(BinanceError) -> String {
        guard let value = self[name], !value.isEmpty else { throw .missing(name) }
        return value
    }

    static let idRange = "^[a-zA-Z0-9-_]{1,36}$"

    func clientID(_ name: String) throws(BinanceError) -> String? {
        guard let id = try optional(name) else { return nil }
        let isLegal = id.utf8.allSatisfy { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber)
                || character == "-" || character == "_"
        }
        guard isLegal, id.utf8.count <= 36 else { throw .illegal(name, range: Self.idRange) }
        return id
    }

    // MARK: Numbers

    private static let decimalRange = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"

    /// Amount in units of 1e-8.
    func amount(_ name: String) throws(BinanceError) -> Int64 {
        guard let units = try optionalAmount(name) else { throw .missing(name) }
        return units
    }

    func optionalAmount(_ name: String) throws(BinanceError) -> Int64? {
        guard let text = try optional(name) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isLegal =
            parts.count <= 2
            && parts.allSatisfy {
                (1...20).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
            }
        guard isLegal else { throw .illegal(name, range: Self.decimalRange) }
        do {
            return try Decimals.read(text, decimals: 8)
        } catch {
            throw error.code == .overflow ? .overflow(name) : .precision(name)
        }
    }

    func optionalInteger(_ name: String) throws(BinanceError) -> Int64? {
        guard let text = try optional(name) else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), text.utf8.count <= 20 else {
            throw .illegal(name, range: "^[0-9]{1,20}$")
        }
        guard let value = Int64(text) else { throw .overflow(name) }
        return value
    }

    /// `limit`, held within what the endpoint allows.
    func limit(standard: Int, most: Int) throws(BinanceError) -> Int {
        guard let value = try optionalInteger("limit") else { return standard }
        guard value >= 1 else { throw .illegal("limit", range: "[1, \(most)]") }
        return Int(min(value, Int64(most)))
    }

    /// Milliseconds UTC from milliseconds or microseconds, told apart by magnitude.
    func optionalTime(_ name: String) throws(BinanceError) -> Int64? {
        try optionalInteger(name).map { $0 >= 100_000_000_000_000 ? $0 / 1_000 : $0 }
    }

    // MARK: Signature

    /// What a WebSocket request signs: all but the signature, sorted by name.
    var sortedPayload: String {
        pairs.filter { $0.name != "signature" }.sorted { $0.name < $1.name }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// What a REST request signs: query and body as sent, run together, without the signature.
    static func rawPayload(query: String, body: String) -> String {
        [query, body].map { part in
            part.split(separator: "&", omittingEmptySubsequences: false)
                .filter { !$0.hasPrefix("signature=") }.joined(separator: "&")
        }.joined()
    }
}
