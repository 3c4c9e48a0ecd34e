// RecordTracker.swift — finds the middle of a TLS record in one direction of a connection.
//
// A record is five bytes of head (type, version, length) and its body; type 23 carries data. What
// does not begin with a handshake record is no TLS: there the middle is that of what comes next.

struct RecordTracker {
    private static let handshake: UInt8 = 22
    private static let data: UInt8 = 23

    private var isTLS: Bool?
    private var head: [UInt8] = []
    /// Bytes of the body that are still to come.
    private var left = 0
    /// Bytes until the cut, once the record is found.
    private var untilCut: Int?

    /// Follows these bytes. With `isCutting`: how many of them are before the cut, or nil when it
    /// lies further on.
    mutating func follow(_ bytes: ArraySlice<UInt8>, isCutting: Bool) -> Int? {
        guard let first = bytes.first else { return nil }
        if isTLS == nil { isTLS = first == Self.handshake }
        guard isTLS == true else { return isCutting ? (bytes.count + 1) / 2 : nil }
        var position = bytes.startIndex
        while position < bytes.endIndex {
            if left == 0 {
                head.append(bytes[position])
                position += 1
                if head.count == 5 { beginBody(isCutting) }
                continue
            }
            let step = min(left, bytes.endIndex - position)
            if let distance = untilCut, isCutting, distance <= step {
                return position + distance - bytes.startIndex
            }
            untilCut = untilCut.map { $0 - step }
            left -= step
            position += step
        }
        return nil
    }

    private mutating func beginBody(_ isCutting: Bool) {
        left = Int(head[3]) << 8 | Int(head[4])
        untilCut = isCutting && head[0] == Self.data && left > 1 ? left / 2 : nil
        head = []
    }
}
