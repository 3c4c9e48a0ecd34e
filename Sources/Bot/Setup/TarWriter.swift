// TarWriter.swift — an archive in the ustar format, written from front to end.
//
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06
import Foundation
import Glibc

/// Entries are private files of this process' user. One thread.
struct TarWriter {
    private static let block = 512
    private static let longestName = 99
    let file: NewFile
    let descriptor: Int32
    /// Seconds since 1970, for every entry.
    let time: Int64

    func add(_ name: String, _ data: Data) throws(BotError) {
        try file.put(header(name, size: data.count), descriptor)
        try file.put(data, descriptor)
        try pad(data.count)
    }

    /// The file at `path` as long as it is now, in pieces: what is written to it meanwhile is left
    /// out.
    func add(_ name: String, contentsOf path: String) throws(BotError) {
        let source = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard source >= 0 else {
            throw .setup("\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: source, closeOnDealloc: true)
        var status = stat()
        guard fstat(source, &status) == 0 else { throw .setup("\(path) cannot be read") }
        let size = Int(status.st_size)
        try file.put(header(name, size: size), descriptor)
        var rest = size
        while rest > 0 {
            let piece = try? handle.read(upToCount: min(rest, 1 << 20))
            guard let piece, !piece.isEmpty else { break }
            try file.put(piece, descriptor)
            rest -= piece.count
        }
        // A file that became shorter meanwhile must not shift what follows.
        if rest > 0 { try file.put(Data(count: rest), descriptor) }
        try pad(size)
    }

    func end() throws(BotError) { try file.put(Data(count: 2 * Self.block), descriptor) }

    private func pad(_ size: Int) throws(BotError) {
        let over = size % Self.block
        if over > 0 { try file.put(Data(count: Self.block - over), descriptor) }
    }

    private func header(_ name: String, size: Int) -> Data {
        var bytes = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { bytes[offset + index] = byte }
        }
        put(String(name.prefix(Self.longestName)), at: 0)
        put("0000600\0", at: 100)
        put("0000000\0", at: 108)
        put("0000000\0", at: 116)
        put(Self.octal(Int64(size)) + "\0", at: 124)
        put(Self.octal(time) + "\0", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        let sum = bytes.reduce(0) { $0 + Int($1) }
        put(String(Self.octal(Int64(sum)).suffix(6)) + "\0 ", at: 148)
        return Data(bytes)
    }

    /// Eleven octal digits.
    private static func octal(_ number: Int64) -> String {
        let digits = String(max(0, number), radix: 8)
        return String(repeating: "0", count: max(0, 11 - digits.count)) + digits
    }
}
