// Redactor.swift — masks the secrets that this process knows, in any text that leaves it.
//
// `Secret` teaches every value that it holds to `Redactor.live`, so that nobody has to think of it.
// Looked for: the value itself, its first six characters, and its bytes in base64 (at each of the
// three alignments that a longer text can give it), base64url, hexadecimal and percent encoding.
import Foundation
import Glibc
import Synchronization

public final class Redactor: Sendable {
    /// What stands where a secret stood.
    public static let mask = "***"
    /// Shorter values would mask ordinary words; a venue's key has 64 characters.
    static let shortest = 8
    /// Characters of a secret that are masked even alone.
    static let prefix = 6
    /// Knows the secrets of this process.
    public static let live = Redactor()

    /// Longest first, so that a whole value is masked before its beginning.
    private let needles = Mutex<[[UInt8]]>([])

    public init() {}

    /// From now on `secret` is masked. A PEM text is known by its key, not by its frame.
    public func learn(_ secret: String) {
        let found = Self.forms(secret)
        needles.withLock { needles in
            let known = Set(needles).union(found)
            needles = known.sorted { $0.count > $1.count }
        }
    }

    public func redact(_ text: String) -> String {
        let needles = needles.withLock { $0 }
        guard !needles.isEmpty else { return text }
        guard let bytes = Self.masked(Array(text.utf8), needles) else { return text }
        return String(decoding: bytes, as: UTF8.self)
    }

    public func redact(_ data: Data) -> Data {
        let needles = needles.withLock { $0 }
        guard !needles.isEmpty else { return data }
        return Self.masked(Array(data), needles).map { Data($0) } ?? data
    }

    /// Nil: there was nothing to mask.
    private static func masked(_ bytes: [UInt8], _ needles: [[UInt8]]) -> [UInt8]? {
        var bytes = bytes
        var hasChanged = false
        for needle in needles {
            var start = 0
            while let at = position(of: needle, in: bytes, from: start) {
                bytes.replaceSubrange(at..<(at + needle.count), with: Array(mask.utf8))
                start = at + mask.utf8.count
                hasChanged = true
            }
        }
        return hasChanged ? bytes : nil
    }

    private static func position(of needle: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        return bytes.withUnsafeBytes { all in
            guard let base = all.baseAddress else { return nil }
            let end = all.count - needle.count + 1
            var at = from
            while at < end, let found = memchr(base + at, Int32(first), end - at) {
                at = UnsafeRawPointer(found) - base
                if memcmp(base + at, needle, needle.count) == 0 { return at }
                at += 1
            }
            return nil
        }
    }
}

extension Redactor {
    /// All byte strings that give `secret` away.
    private static func forms(_ secret: String) -> Set<[UInt8]> {
        let body = pemBody(secret)
        guard let text = body ?? secret.nonEmptyTrimmed, text.utf8.count >= shortest else {
            return []
        }
        var forms = encodings(Array(text.utf8))
        // Every PKCS#8 key begins alike, and so does every address; only what follows says
        // something.
        if let path = addressPath(text) {
            if path.utf8.count >= shortest { forms.formUnion(encodings(Array(path.utf8))) }
        } else if body == nil {
            forms.insert(Array(text.utf8.prefix(prefix)))
        }
        if let der = body.flatMap({ Data(base64Encoded: $0) }) {
            let seed = Array(der.suffix(32))
            forms.formUnion(encodings(Array(der)))
            forms.formUnion(encodings(seed))
            for line in secret.split(whereSeparator: \.isNewline) where !line.hasPrefix("-----") {
                if line.utf8.count >= shortest { forms.insert(Array(line.utf8)) }
            }
        }
        return forms
    }

    /// What follows the host of a web address, where its secret is; nil: no web address.
    private static func addressPath(_ text: String) -> String? {
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else { return nil }
        return text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
            .dropFirst(2).first.map(String.init) ?? ""
    }

    /// The base64 text between the frame lines of a PEM file, on one line; nil: no PEM.
    private static func pemBody(_ text: String) -> String? {
        guard text.contains("-----BEGIN ") else { return nil }
        return text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.hasPrefix("-----") }.joined()
    }

    private static func encodings(_ bytes: [UInt8]) -> Set<[UInt8]> {
        let hex = bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        let plain = String(decoding: bytes, as: UTF8.self)
        var texts = [hex.joined(), hex.joined().uppercased()]
        if let percent = plain.addingPercentEncoding(withAllowedCharacters: .alphanumerics) {
            texts += [percent]
        }
        for shift in 0..<3 {
            let core = base64Core(bytes, shift: shift)
            texts += [core, core.replacing("+", with: "-").replacing("/", with: "_")]
        }
        return Set(texts.map { Array($0.utf8) } + [bytes]).filter { $0.count >= shortest }
    }

    /// The characters of `bytes` in base64 that do not depend on what stands before and after it,
    /// when `shift` bytes stand before it.
    private static func base64Core(_ bytes: [UInt8], shift: Int) -> String {
        let text = Data([UInt8](repeating: 0, count: shift) + bytes).base64EncodedString()
        let first = (shift * 8 + 5) / 6
        let last = (shift + bytes.count) * 8 / 6
        return String(text.prefix(last).dropFirst(first))
    }
}

extension String {
    fileprivate var nonEmptyTrimmed: String? {
        let trimmed = trimmingCharacters(in: .whitespacesAndNewlines)
        return trimmed.isEmpty ? nil : trimmed
    }
}
