// CaptureLine.swift — one line of a recording, and what a first look at the file tells.
import Binance
import Foundation
import Glibc

/// `<receive time in nanoseconds> <JSON object>`; borrowed from the reader.
struct CaptureLine {
    let received: Int64
    let message: UnsafeRawBufferPointer

    init(_ line: UnsafeRawBufferPointer, of lines: TextLines) throws(ReplayError) {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")),
            let received = CaptureLine.digits(line[..<space])
        else { throw lines.malformed("the line begins with no receive time in nanoseconds") }
        message = UnsafeRawBufferPointer(rebasing: line[(space + 1)...])
        guard message.first == UInt8(ascii: "{"), message.last == UInt8(ascii: "}") else {
            throw lines.malformed("no whole JSON object follows the receive time")
        }
        self.received = received
    }

    /// A book snapshot's body stands bare, and has its id near its beginning.
    var isSnapshot: Bool { !begins(with: "{\"stream\"") && head(holds: "\"lastUpdateId\"") }

    var isDepthUpdate: Bool { head(holds: "\"depthUpdate\"") }

    private func begins(with text: StaticString) -> Bool {
        guard let base = message.baseAddress, message.count >= text.utf8CodeUnitCount else {
            return false
        }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// Whether the first 256 bytes hold a text that begins with a quotation mark.
    private func head(holds text: StaticString) -> Bool {
        guard let base = message.baseAddress else { return false }
        let length = text.utf8CodeUnitCount
        let end = min(message.count, 256) - length
        var at = 0
        while at <= end, let quote = memchr(base + at, 0x22, end - at + 1) {
            at = UnsafeRawPointer(quote) - base
            if memcmp(base + at, text.utf8Start, length) == 0 { return true }
            at += 1
        }
        return false
    }

    private static func digits(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard (1...19).contains(bytes.count) else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (scaled, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = scaled.addingReportingOverflow(Int64(byte & 0x0f))
            guard !overflows, !carries else { return nil }
            value = sum
        }
        return value
    }
}

/// A first pass over a recording, as far as needed: whose it is, and its first snapshot.
struct CaptureSurvey {
    struct Snapshot {
        let line: Int
        let received: Int64
        let body: [UInt8]
    }

    /// Nil when the file holds no depth update.
    private(set) var symbol: String?
    private(set) var product = BinanceCodec.Product.spot
    private(set) var snapshot: Snapshot?
    private(set) var isEmpty = true

    init(_ path: String) throws(ReplayError) {
        let lines = try TextLines(path)
        while symbol == nil || snapshot == nil, let bytes = try lines.next() {
            isEmpty = false
            let line = try CaptureLine(bytes, of: lines)
            if line.isSnapshot {
                guard snapshot == nil else { continue }
                snapshot = Snapshot(
                    line: lines.number, received: line.received, body: Array(line.message))
            } else if symbol == nil, line.isDepthUpdate {
                try read(line, lines)
            }
        }
    }

    /// Only futures chain by `pu`; only coin-margined ones name their pair, `ps`.
    private mutating func read(_ line: CaptureLine, _ lines: TextLines) throws(ReplayError) {
        struct Fields: Decodable {
            let s: String
            let pu: Int64?
            let ps: String?
        }
        struct Envelope: Decodable { let data: Fields }
        let decoder = JSONDecoder()
        let data = Data(line.message)
        let enveloped = try? decoder.decode(Envelope.self, from: data)
        guard let fields = enveloped?.data ?? (try? decoder.decode(Fields.self, from: data)) else {
            throw lines.malformed("a depth update without a symbol")
        }
        symbol = fields.s
        product = fields.pu == nil ? .spot : fields.ps == nil ? .usdMargined : .coinMargined
    }
}
