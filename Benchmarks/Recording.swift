// Recording.swift — a recorded Binance capture: lines of receive time and message.
import Binance
import Core
import Foundation
import Simulator
import VenueKit

/// Read whole: it must be in memory before anything is timed.
struct Recording {
    /// Largest file, unpacked.
    private static let maxBytes = 1 << 30

    let symbol: String
    let snapshot: ArraySlice<UInt8>
    /// Everything else, in its order.
    let messages: [ArraySlice<UInt8>]
    private let product: BinanceCodec.Product

    init(_ path: String) throws(BenchmarkError) {
        let bytes = try Recording.load(path)
        guard bytes.count <= Self.maxBytes else {
            throw BenchmarkError("\(path): larger than \(Self.maxBytes) bytes; cut it")
        }
        var snapshot: ArraySlice<UInt8>?
        var messages: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { continue }
            let message = line[line.index(after: space)...]
            if Recording.contains(message, #""lastUpdateId""#) {
                snapshot = snapshot ?? message
            } else {
                messages.append(message)
            }
        }
        let update = messages.first { Recording.contains($0, #""depthUpdate""#) }
        guard let snapshot, let update, let symbol = Recording.symbol(update) else {
            throw BenchmarkError(
                "\(path): no book snapshot with depth updates; is it a Binance capture?")
        }
        self.snapshot = snapshot
        self.messages = messages
        self.symbol = symbol
        let isFuture = Recording.contains(update, #""pu":"#)
        product =
            !isFuture
            ? .spot : Recording.contains(update, #""ps":"#) ? .coinMargined : .usdMargined
    }

    /// Prices and quantities as the venue writes them need at most eight decimals.
    func codec() throws(BenchmarkError) -> BinanceCodec {
        let instrument = Instrument(
            symbol: symbol, base: "", quote: "", priceDecimals: 8, quantityDecimals: 8)
        do throws(VenueError) {
            return try BinanceCodec(instruments: [instrument], instance: 1, product: product)
        } catch {
            throw BenchmarkError("the codec for \(symbol): \(error.text)")
        }
    }

    // MARK: Text

    /// Whether the first 256 bytes hold `text`.
    private static func contains(_ message: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
        let head = message.prefix(256)
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return head.indices.contains { head[$0...].starts(with: wanted) }
    }

    private static func symbol(_ message: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: message.prefix(256), as: UTF8.self)
        guard let range = text.range(of: #""s":""#) else { return nil }
        let name = text[range.upperBound...].prefix { $0 != "\"" }
        return name.isEmpty ? nil : String(name)
    }

    private static func load(_ path: String) throws(BenchmarkError) -> [UInt8] {
        do throws(SimulatorError) {
            return try CaptureFile.read(path)
        } catch {
            throw BenchmarkError("\(error.description); name a recorded capture")
        }
    }
}
