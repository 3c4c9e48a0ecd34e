// PriceBar.swift — bars read from a CSV with the columns time,open,high,low,close,volume.
import Core
import Foundation

/// One bar of a series that only shapes a generated market.
package struct PriceBar: Sendable, Equatable {
    package var open: Double
    package var high: Double
    package var low: Double
    package var close: Double

    package init(open: Double, high: Double, low: Double, close: Double) {
        self.open = open
        self.high = high
        self.low = low
        self.close = close
    }

    /// Reads a whole file; every unusable line is named with its number.
    package static func read(path: String) throws(SimulatorError) -> [PriceBar] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw SimulatorError("\(path): cannot be read")
        }
        return try parse(String(decoding: bytes, as: UTF8.self), name: path)
    }

    package static func parse(_ text: String, name: String) throws(SimulatorError) -> [PriceBar] {
        var bars: [PriceBar] = []
        for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            if number == 0, line.lowercased().hasPrefix("time") { continue }
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let values = cells.dropFirst().prefix(4).compactMap { Double($0) }
            let bar =
                values.count == 4
                ? PriceBar(open: values[0], high: values[1], low: values[2], close: values[3]) : nil
            guard let bar, bar.isSound else {
                throw SimulatorError(
                    "\(name), line \(number + 1): needs time,open,high,low,close with "
                        + "0 < low ≤ open, close ≤ high")
            }
            bars.append(bar)
        }
        guard !bars.isEmpty else { throw SimulatorError("\(name): no bars") }
        return bars
    }

    private var isSound: Bool {
        [open, high, low, close].allSatisfy { $0.isFinite && $0 > 0 }
            && low <= min(open, close) && high >= max(open, close)
    }
}
