// FixedText.swift — Swift strings in and out of C character arrays, which arrive as tuples.

/// Copies at most the array's size minus one characters; the rest stays zero.
package func copyText<Tuple>(_ text: String, into tuple: inout Tuple) {
    withUnsafeMutableBytes(of: &tuple) { bytes in
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        for (index, byte) in text.utf8.prefix(bytes.count - 1).enumerated() {
            bytes[index] = byte
        }
    }
}

/// Text up to the first NUL.
package func fixedText<Tuple>(_ tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { bytes in
        String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
    }
}
