// Blanking.swift — replaces comments and string contents by spaces, so that rules about code do
// not trip over words about code. Newlines stay, so line numbers stay true.

/// Returns `text` with comments, string contents and character literals blanked.
func blanked(_ text: String, _ language: SourceFile.Language) -> String {
    var scanner = Blanker(bytes: Array(text.utf8), nests: language == .swift)
    scanner.run()
    return String(decoding: scanner.bytes, as: UTF8.self)
}

/// One pass over the bytes. Swift comments nest, C comments do not.
private struct Blanker {
    var bytes: [UInt8]
    let nests: Bool
    private var at = 0

    init(bytes: [UInt8], nests: Bool) {
        self.bytes = bytes
        self.nests = nests
    }

    mutating func run() {
        while at < bytes.count { step() }
    }

    private mutating func step() {
        if starts("//") {
            blankLine()
        } else if starts("/*") {
            blankBlock()
        } else if nests, let hashes = rawStringHashes() {
            blankString(hashes: hashes)
        } else if bytes[at] == UInt8(ascii: "\"") {
            blankString(hashes: 0)
        } else if !nests, bytes[at] == UInt8(ascii: "'") {
            blankCharacter()
        } else {
            at += 1
        }
    }

    private func starts(_ word: String) -> Bool { bytes[at...].starts(with: word.utf8) }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where at < bytes.count {
            if bytes[at] != UInt8(ascii: "\n") { bytes[at] = UInt8(ascii: " ") }
            at += 1
        }
    }

    private mutating func blankLine() {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank(1) }
    }

    private mutating func blankBlock() {
        var depth = 0
        repeat {
            if starts("/*"), nests || depth == 0 {
                depth += 1
                blank(2)
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && at < bytes.count
    }

    /// The number of # before a quote here, or nil when this is no raw string.
    private func rawStringHashes() -> Int? {
        var end = at
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end > at, end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - at
    }

    /// Blanks between the quotes. Interpolations are blanked with the string around them.
    private mutating func blankString(hashes: Int) {
        let hash = String(repeating: "#", count: hashes)
        at += hashes
        let quote = nests && starts("\"\"\"") ? "\"\"\"" : "\""
        at += quote.utf8.count
        while at < bytes.count, !starts(quote + hash) {
            if quote == "\"", bytes[at] == UInt8(ascii: "\n") { return }  // Unterminated.
            if starts("\\" + hash + "(") {
                blankInterpolation(openedBy: 2 + hashes)
            } else if starts("\\" + hash) {
                blank(2 + hashes)
            } else {
                blank(1)
            }
        }
        at += quote.utf8.count + hashes
    }

    private mutating func blankInterpolation(openedBy count: Int) {
        blank(count)
        var depth = 1
        while depth > 0, at < bytes.count {
            if bytes[at] == UInt8(ascii: "\"") {
                let start = at
                blankString(hashes: 0)
                let end = at
                at = start
                blank(end - start)
                continue
            }
            if bytes[at] == UInt8(ascii: "(") { depth += 1 }
            if bytes[at] == UInt8(ascii: ")") { depth -= 1 }
            blank(1)
        }
    }

    /// A C character literal; an apostrophe that closes nothing on its line is left alone.
    private mutating func blankCharacter() {
        var end = at + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "'") {
            if bytes[end] == UInt8(ascii: "\n") {
                at += 1
                return
            }
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        at += 1
        blank(end - at)
        at += 1
    }
}
