// Pipe.swift — one way of a connection: what was read at one end and is not yet written at the
// other. It decides nothing about faults; `Connection` tells it what holds now.

/// What holds for a way at this moment.
struct Shape: Equatable {
    /// Nanoseconds.
    var delay: Int64 = 0
    var isLost = false
    var isStalled = false
    /// Bytes per second; nil: no limit.
    var rate: Int64?
}

struct Pipe {
    private struct Item {
        enum Content {
            case bytes(ArraySlice<UInt8>)
            case end
            case reset
        }

        var content: Content
        /// Not before this time, nanoseconds.
        let due: Int64
    }

    /// Reading pauses at so many waiting bytes, as a full socket buffer would make it.
    private static let capacity = 256 * 1024

    var shape = Shape()
    private(set) var forwarded: Int64 = 0
    private(set) var lost: Int64 = 0
    /// Nothing more will be read: end, reset or cut.
    private(set) var isInputOver = false
    /// FIN was written, or the pipe was broken off.
    private(set) var isOutputOver = false
    private var items: [Item] = []
    private var first = 0
    private var waiting = 0
    private var allowance = 0.0
    private var refilled: Int64 = 0

    var wantsInput: Bool { !isInputOver && !shape.isStalled && waiting < Self.capacity }

    /// When there is something to write: its time. Nil: nothing waits, or nothing may go.
    func nextOutput(_ now: Int64) -> Int64? {
        guard !shape.isStalled, !isOutputOver, first < items.count else { return nil }
        let due = items[first].due
        guard let rate = shape.rate, case .bytes = items[first].content else { return due }
        let missing = max(0, 1 - allowance)
        let filled = refilled + Int64((missing / Double(rate) * 1e9).rounded(.up))
        return max(due, filled)
    }

    // MARK: In

    /// Swallows the bytes where the shape says so.
    mutating func take(_ bytes: ArraySlice<UInt8>, now: Int64) {
        guard !bytes.isEmpty else { return }
        guard !shape.isLost else {
            lost += Int64(bytes.count)
            return
        }
        waiting += bytes.count
        append(.bytes(bytes), now)
    }

    /// The end of this way follows what waits.
    mutating func takeEnd(now: Int64) {
        guard !isInputOver else { return }
        isInputOver = true
        append(.end, now)
    }

    mutating func takeReset(now: Int64) {
        guard !isInputOver else { return }
        isInputOver = true
        append(.reset, now)
    }

    private mutating func append(_ content: Item.Content, _ now: Int64) {
        let before = first < items.count ? items[items.count - 1].due : 0
        items.append(Item(content: content, due: max(before, now + shape.delay)))
    }

    // MARK: Out

    enum Outcome: Equatable {
        case went
        /// A RST must go to both ends.
        case broke
    }

    /// Writes what is due and allowed.
    mutating func write(to sink: Socket, now: Int64) -> Outcome {
        refill(now)
        while let due = nextOutput(now), due <= now {
            switch items[first].content {
            case .end:
                sink.finish()
                isOutputOver = true
            case .reset:
                isOutputOver = true
                return .broke
            case .bytes(let bytes):
                let limit = shape.rate == nil ? bytes.count : min(bytes.count, Int(allowance))
                switch sink.write(bytes.prefix(limit)) {
                case .bytes(let count): wrote(count, of: bytes)
                case .wouldBlock: return .went
                case .broken, .end: return .broke
                }
            }
        }
        return .went
    }

    private mutating func wrote(_ count: Int, of bytes: ArraySlice<UInt8>) {
        waiting -= count
        forwarded += Int64(count)
        if shape.rate != nil { allowance -= Double(count) }
        guard count == bytes.count else {
            items[first].content = .bytes(bytes.dropFirst(count))
            return
        }
        first += 1
        if first == items.count || first > 512 {
            items.removeFirst(first)
            first = 0
        }
    }

    /// A tenth of a second's bytes may gather, and at least one.
    private mutating func refill(_ now: Int64) {
        if let rate = shape.rate {
            let seconds = Double(now - refilled) / 1e9
            let most = max(1, Double(rate) / 10)
            allowance = min(most, allowance + seconds * Double(rate))
        }
        refilled = now
    }
}
