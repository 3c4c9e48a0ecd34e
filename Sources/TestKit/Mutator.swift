// Mutator.swift — changes samples by a seed, so that readers meet what nobody meant to send.
import Core

/// Works on bytes; knows quoted texts, words and brackets, which JSON, YAML and captures share.
public struct Mutator {
    /// No price and no quantity, in whatever notation.
    public static let badNumbers = [
        "NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "1e-9", "1E2", "", "-1",
        "-0.00000001", "+1", ".5", "5.", "1,5", "0x10", "1_000", "1 ", " 1", "1.0.0",
        "0.0000000000000000001", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999999999999999999999", "１", "null", "true",
    ]
    /// The same as bare JSON values, where a text is due.
    public static let badValues = ["null", "true", "1.5", "1e400", "[]", "{}", "[\"1\"]", "NaN"]

    private static let words: [[UInt8]] =
        (badNumbers + badValues + [
            "0", "-0", "BTCUSDT", "{", "}", "[", "]", ":", ",", "\"", "\\u0000", "\\ud800", "\n",
            "\t",
            "- ", "&a ", "*a", "!!int ", "|", "%", "#", "\u{feff}",
        ]).map { Array($0.utf8) } + [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff], [0], [0x80]]

    private var random: Random

    public init(seed: UInt64) { random = Random(seed: seed) }

    /// Uniform in `0 ..< bound`; 0 for a bound of 0.
    public mutating func below(_ bound: Int) -> Int {
        bound > 0 ? Int(random.below(UInt64(bound))) : 0
    }

    /// One to four changes.
    public mutating func mutate(_ sample: [UInt8]) -> [UInt8] {
        var bytes = sample
        for _ in 0...below(4) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = Self.words[below(Self.words.count)]
            return
        }
        switch below(9) {
        case 0: bytes[below(bytes.count)] ^= 1 << UInt8(below(8))
        case 1: bytes.removeLast(below(bytes.count))
        case 2: bytes.removeSubrange(range(in: bytes, most: 16))
        case 3:
            bytes.insert(
                contentsOf: Array(bytes[range(in: bytes, most: 64)]), at: below(bytes.count))
        case 4:
            bytes.insert(contentsOf: Self.words[below(Self.words.count)], at: below(bytes.count))
        case 5: nest(&bytes)
        case 6: bytes[below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        default: bytes.replaceSubrange(token(in: bytes), with: Self.words[below(Self.words.count)])
        }
    }

    private mutating func range(in bytes: [UInt8], most: Int) -> Range<Int> {
        let start = below(bytes.count)
        return start..<min(bytes.count, start + 1 + below(most))
    }

    /// What stands between two marks, such as a quoted text's inside or a bare number.
    private mutating func token(in bytes: [UInt8]) -> Range<Int> {
        let marks = Set("\"{}[],: \n".utf8)
        let place = below(bytes.count)
        let start = bytes[..<place].lastIndex { marks.contains($0) }.map { $0 + 1 } ?? 0
        let end = bytes[place...].firstIndex { marks.contains($0) } ?? bytes.count
        return start..<max(start, end)
    }

    private mutating func nest(_ bytes: inout [UInt8]) {
        let depth = 1 << below(12)
        let open: UInt8 = below(2) == 0 ? UInt8(ascii: "[") : UInt8(ascii: "{")
        bytes.insert(contentsOf: Array(repeating: open, count: depth), at: below(bytes.count))
    }
}
