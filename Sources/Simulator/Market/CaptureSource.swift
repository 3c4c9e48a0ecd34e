// CaptureSource.swift — a market from a recording: lines of `<receive ns> <message as received>`.
//
// Snapshots and depth messages set levels, trades are prints; the engine runs in recorded mode,
// so our orders fill only where the recording would have filled them. What lies before the first
// snapshot is used at the opening, the rest at its recorded distance in time.
import Core

package final class CaptureSource: MarketSource {
    package let mode = MatchingEngine.Mode.recorded
    package private(set) var nextTime: Int64?

    /// Lines that could not be used, such as prices off the tick.
    package private(set) var unusable = 0

    /// Beyond this a level would overflow sums that are shown.
    private static let largestQuantity: Int64 = 1 << 42

    private let lines: [Substring.UTF8View]
    private var index = 0
    private let origin: Int64
    /// Last applied update id; 0 before the snapshot.
    private var updateID: Int64 = 0
    private var waiting: [JSONValue] = []

    package convenience init(path: String) throws(SimulatorError) {
        try self.init(text: String(decoding: CaptureFile.read(path), as: UTF8.self), name: path)
    }

    package init(text: String, name: String) throws(SimulatorError) {
        lines = text.split(separator: "\n").map(\.utf8)
        let snapshot = lines.first { line in
            guard let message = Self.message(line)?.json else { return false }
            return message["lastUpdateId"] != nil
        }
        guard let snapshot, let opening = Self.message(snapshot)?.time else {
            throw SimulatorError("\(name): no line with a snapshot (lastUpdateId, bids, asks)")
        }
        origin = opening
        nextTime = 0
    }

    package func step(_ desk: MarketDesk) {
        guard index < lines.count else { nextTime = nil; return }
        if let (_, message) = Self.message(lines[index]) { apply(message, desk) }
        index += 1
        guard index < lines.count else { nextTime = nil; return }
        let time = Self.time(lines[index]) ?? origin
        nextTime = max(nextTime ?? 0, time - origin)
    }

    // MARK: Messages

    private func apply(_ message: JSONValue, _ desk: MarketDesk) {
        if message["lastUpdateId"] != nil {
            applySnapshot(message, desk)
        } else if message["e"]?.string == "depthUpdate" {
            updateID == 0 ? waiting.append(message) : applyDifference(message, desk)
        } else if message["e"]?.string == "trade", updateID != 0 {
            applyTrade(message, desk)
        }
    }

    private func applySnapshot(_ message: JSONValue, _ desk: MarketDesk) {
        guard let id = message["lastUpdateId"]?.integer, id > updateID else { return }
        desk.exchange.clearRecording(market: desk.market, now: desk.now)
        setLevels(message, bids: "bids", asks: "asks", desk)
        updateID = id
        waiting.forEach { applyDifference($0, desk) }
        waiting = []
    }

    /// Ids of the recording decide what is applied; ours are the exchange's own.
    private func applyDifference(_ message: JSONValue, _ desk: MarketDesk) {
        guard let last = message["u"]?.integer, last > updateID else { return }
        setLevels(message, bids: "b", asks: "a", desk)
        updateID = last
    }

    private func setLevels(_ message: JSONValue, bids: String, asks: String, _ desk: MarketDesk) {
        let changes = [(Side.buy, bids), (Side.sell, asks)].flatMap { side, name in
            (message[name]?.array ?? []).compactMap { row in
                level(row, desk).map { (side: side, level: $0) }
            }
        }
        desk.exchange.setLevels(changes, market: desk.market, now: desk.now)
    }

    private func level(_ row: JSONValue, _ desk: MarketDesk) -> MatchingEngine.Level? {
        let instrument = desk.exchange.markets[desk.market].listing.instrument
        guard let cells = row.array, cells.count >= 2, let price = cells[0].string,
            let quantity = cells[1].string, let ticks = try? instrument.price(price),
            let lots = try? instrument.quantity(quantity),
            (1...instrument.maxPrice).contains(ticks.ticks),
            (0...Self.largestQuantity).contains(lots.lots)
        else {
            unusable += 1
            return nil
        }
        return MatchingEngine.Level(price: ticks.ticks, quantity: lots.lots)
    }

    private func applyTrade(_ message: JSONValue, _ desk: MarketDesk) {
        let row = JSONValue.array([message["p"] ?? .null, message["q"] ?? .null])
        guard let trade = level(row, desk), trade.quantity > 0 else { return }
        desk.exchange.print(
            price: trade.price, quantity: trade.quantity,
            aggressor: message["m"] == .bool(true) ? .sell : .buy, market: desk.market,
            now: desk.now)
    }

    // MARK: Lines

    /// Receive time and message, without the frame of a combined stream.
    private static func message(_ line: Substring.UTF8View) -> (time: Int64, json: JSONValue)? {
        guard let time = time(line), let space = line.firstIndex(of: UInt8(ascii: " ")),
            let json = JSONValue(Array(line[line.index(after: space)...]))
        else { return nil }
        return (time, json["data"] ?? json)
    }

    private static func time(_ line: Substring.UTF8View) -> Int64? {
        let digits = line.prefix { $0 != UInt8(ascii: " ") }
        // Not negative, so that differences fit.
        return UInt64(String(decoding: digits, as: UTF8.self)).flatMap { Int64(exactly: $0) }
    }
}
