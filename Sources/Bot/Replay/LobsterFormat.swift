// LobsterFormat.swift — lines of LOBSTER's message and orderbook files, read strictly.
//
// Both files are described in the archive's own read-me (https://lobsterdata.com): prices are
// dollars × 10,000, missing levels are ±9,999,999,999 with size 0.
import Core
import Glibc

struct LobsterMessage: Equatable {
    enum Kind: Int64 {
        case new = 1
        case partialCancel = 2
        case delete = 3
        case visibleExecution = 4
        case hiddenExecution = 5
        case cross = 6
        case halt = 7

        /// Plural, as counted in a report.
        var name: String {
            switch self {
            case .new: "orders"
            case .partialCancel: "partial_cancels"
            case .delete: "deletions"
            case .visibleExecution: "visible_executions"
            case .hiddenExecution: "hidden_executions"
            case .cross: "crosses"
            case .halt: "halts"
            }
        }
    }

    let kind: Kind
    /// Of the resting order.
    let side: Side
    let size: Int64
    let price: Int64

    init(_ line: UnsafeRawBufferPointer, of lines: TextLines) throws(ReplayError) {
        var fields = CommaFields(line)
        guard fields.time(), let type = fields.integer(), fields.integer() != nil,
            let size = fields.integer(), let price = fields.integer(),
            let direction = fields.integer(), fields.isAtEnd
        else {
            throw lines.malformed("not six numbers: time, type, order id, size, price, direction")
        }
        guard let kind = Kind(rawValue: type) else {
            throw lines.malformed("message type \(type) is not in 1 … 7")
        }
        guard direction == 1 || direction == -1 else {
            throw lines.malformed("direction \(direction) is neither 1 nor -1")
        }
        // Halts carry a code in place of the price.
        guard kind == .halt || (size > 0 && price > 0) else {
            throw lines.malformed("size and price must be positive")
        }
        (self.kind, self.size, self.price) = (kind, size, price)
        side = direction == 1 ? .buy : .sell
    }
}

/// One row of the orderbook file.
struct LobsterRow {
    private static let missingPrice: Int64 = 9_999_999_999
    static let maxLevels = 1000

    private(set) var bids: [Level] = []
    private(set) var asks: [Level] = []
    /// Levels per side that a row has room for.
    private(set) var width = 0

    /// Best first; fewer than `width` when the side has no more.
    subscript(side: Side) -> [Level] { side == .buy ? bids : asks }

    /// Reads a row in place of this one. `width` stays as the first row had it.
    mutating func read(
        _ line: UnsafeRawBufferPointer, of lines: TextLines
    ) throws(ReplayError) {
        bids.removeAll(keepingCapacity: true)
        asks.removeAll(keepingCapacity: true)
        var fields = CommaFields(line)
        var levels = 0
        while !fields.isAtEnd {
            guard let askPrice = fields.integer(), let askSize = fields.integer(),
                let bidPrice = fields.integer(), let bidSize = fields.integer(),
                levels < LobsterRow.maxLevels
            else {
                throw lines.malformed("not groups of ask price, ask size, bid price, bid size")
            }
            levels += 1
            try add(askPrice, askSize, missing: LobsterRow.missingPrice, to: &asks, levels, lines)
            try add(bidPrice, bidSize, missing: -LobsterRow.missingPrice, to: &bids, levels, lines)
        }
        guard levels > 0, width == 0 || levels == width else {
            throw lines.malformed("\(levels) levels, where the first row has \(width)")
        }
        width = levels
    }

    private func add(
        _ price: Int64, _ size: Int64, missing: Int64, to levels: inout [Level], _ number: Int,
        _ lines: TextLines
    ) throws(ReplayError) {
        if price == missing, size == 0 { return }
        let isWorse =
            levels.last.map { missing > 0 ? $0.price.ticks < price : $0.price.ticks > price }
        guard price > 0, size > 0, isWorse ?? true, levels.count == number - 1 else {
            throw lines.malformed("level \(number) is out of order or not positive")
        }
        levels.append(Level(price: Price(ticks: price), quantity: Quantity(lots: size)))
    }
}

/// Integers between commas, from the left. Plain pointers: a day has tens of millions of fields.
struct CommaFields {
    private var position: UnsafeRawPointer?
    private let end: UnsafeRawPointer?

    init(_ line: UnsafeRawBufferPointer) {
        position = line.baseAddress
        end = line.baseAddress.map { $0 + line.count }
    }

    var isAtEnd: Bool { position == end }

    /// Nil when the next field is no integer that fits; then the line is of no further use.
    mutating func integer() -> Int64? {
        guard let (begin, stop) = takeField() else { return nil }
        let isNegative = begin.load(as: UInt8.self) == 0x2d  // "-"
        var at = isNegative ? begin + 1 : begin
        guard at < stop, stop - at <= 18 else { return nil }  // So it cannot overflow.
        var value: Int64 = 0
        while at < stop {
            let digit = at.load(as: UInt8.self) &- 0x30  // "0"
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(truncatingIfNeeded: digit)
            at += 1
        }
        return isNegative ? -value : value
    }

    /// Seconds after midnight with or without a fraction; only its form matters here.
    mutating func time() -> Bool {
        guard let (begin, stop) = takeField() else { return false }
        var (digits, points) = (0, 0)
        for at in 0..<(stop - begin) {
            let byte = begin.load(fromByteOffset: at, as: UInt8.self)
            if byte &- 0x30 <= 9 {
                digits += 1
            } else if byte == 0x2e, digits > 0 {  // "."
                points += 1
            } else {
                return false
            }
        }
        return digits > 0 && points <= 1
    }

    /// The next field, not empty, and the comma after it.
    private mutating func takeField() -> (UnsafeRawPointer, UnsafeRawPointer)? {
        guard let begin = position, let end, begin < end else { return nil }
        guard let comma = memchr(begin, 0x2c, end - begin).map({ UnsafeRawPointer($0) }) else {
            position = end
            return (begin, end)
        }
        position = comma + 1
        // A comma at the end promises a field that is not there.
        return comma > begin && comma + 1 < end ? (begin, comma) : nil
    }
}
