// StrictJSON.swift — whether a body can be understood in one way only.
import BinanceWire

enum StrictJSON {
    /// False: not JSON, not UTF-8, too deep, or an object with a name twice. Any thread.
    static func holds(_ bytes: [UInt8]) -> Bool {
        guard let length = UInt32(exactly: bytes.count) else { return false }
        return bytes.withUnsafeBytes { bn_json_is_strict($0.baseAddress, length) }
    }
}
