// JSONSlices.swift — cuts a JSON object or array into the texts of its members.
//
// A watch frame is passed on, not understood: the page's process merges frames by member names and
// keys, and hands every value through as the bot wrote it. Values are skipped, never converted, so
// no number changes on its way. Bounded by the frame; nesting costs a counter, no stack.
import Foundation

/// The text is not JSON of the expected shape.
package struct JSONSliceError: Error, Equatable {
    /// Offset of the first byte that does not fit.
    package var offset: Int
}

package struct JSONSlices {
    private let bytes: [UInt8]
    private var position = 0

    private init(_ data: Data) { bytes = [UInt8](data) }

    /// Members of an object, in their order. Names with escapes are refused: ours have none.
    package static func members(of data: Data) throws(JSONSliceError) -> [(String, Data)] {
        var reader = JSONSlices(data)
        var members: [(String, Data)] = []
        try reader.list(from: "{", to: "}") { (reader) throws(JSONSliceError) in
            let name = try reader.name()
            try reader.expect(":")
            members.append((name, try reader.value()))
        }
        return members
    }

    /// Elements of an array, in their order.
    package static func elements(of data: Data) throws(JSONSliceError) -> [Data] {
        var reader = JSONSlices(data)
        var elements: [Data] = []
        try reader.list(from: "[", to: "]") { (reader) throws(JSONSliceError) in
            elements.append(try reader.value())
        }
        return elements
    }

    private mutating func list(
        from open: Character, to close: Character,
        each: (inout JSONSlices) throws(JSONSliceError) -> Void
    ) throws(JSONSliceError) {
        try expect(open)
        skipSpace()
        if peek == close.asciiValue {
            position += 1
        } else {
            try each(&self)
            while nextIsComma() { try each(&self) }
            try expect(close)
        }
        skipSpace()
        guard position == bytes.count else { throw JSONSliceError(offset: position) }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
    }

    private mutating func nextIsComma() -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: ",") else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(JSONSliceError) {
        skipSpace()
        guard let byte = peek, byte == character.asciiValue else {
            throw JSONSliceError(offset: position)
        }
        position += 1
    }

    private mutating func name() throws(JSONSliceError) -> String {
        skipSpace()
        let start = position
        try skipString()
        let text = bytes[(start + 1)..<(position - 1)]
        guard !text.contains(UInt8(ascii: "\\")) else { throw JSONSliceError(offset: start) }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func skipString() throws(JSONSliceError) {
        guard peek == UInt8(ascii: "\"") else { throw JSONSliceError(offset: position) }
        position += 1
        while let byte = peek {
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") { position += 1 }
        }
        throw JSONSliceError(offset: bytes.count)
    }

    /// One value with everything inside it.
    private mutating func value() throws(JSONSliceError) -> Data {
        skipSpace()
        let start = position
        var depth = 0
        scan: while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { break scan }
                depth -= 1
                position += 1
            case UInt8(ascii: ","):
                if depth == 0 { break scan }
                position += 1
            default: position += 1
            }
        }
        guard depth == 0, position > start else { throw JSONSliceError(offset: position) }
        return Data(bytes[start..<position])
    }
}
