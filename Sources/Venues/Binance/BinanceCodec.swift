// BinanceCodec.swift — the lane's codec for Binance, made and owned from Swift.
import BinanceWire
import Core
import VenueKit

/// One lane's. Keep it until the lane has ended.
public final class BinanceCodec: @unchecked Sendable {
    /// By its name in commands.
    public enum Product: String, Sendable, CaseIterable {
        case spot
        /// Market data only, as the next.
        case usdMargined = "usdm"
        case coinMargined = "coinm"

        fileprivate var wireValue: UInt32 {
            switch self {
            case .spot: UInt32(BN_SPOT)
            case .usdMargined: UInt32(BN_USDM)
            case .coinMargined: UInt32(BN_COINM)
            }
        }
    }

    /// What a message decoded to, for tools and tests.
    public struct Description: Sendable, Hashable {
        /// Zero, or a code of `CoreError.Code`.
        public let status: Int32
        /// One event a line.
        public let text: String
        public var isUnsupported: Bool { status == CoreError.Code.unsupported.rawValue }
    }

    private let wire: OpaquePointer
    private let descriptionSize = 1 << 16

    /// `instance` marks this installation in client order ids. Without credentials: market data
    /// only. `streams`: suffixes such as "depth@100ms"; nil: depth, bookTicker and trade.
    public init(
        instruments: [Instrument], instance: UInt32, product: Product = .spot,
        credentials: BinanceCredentials? = nil, streams: [String]? = nil,
        receiveWindowMilliseconds: UInt32 = 1_000
    ) throws(VenueError) {
        var config = bn_wire_config()
        config.instance = instance
        config.product = product.wireValue
        config.recv_window_ms = receiveWindowMilliseconds
        var error = [CChar](repeating: 0, count: 160)
        let texts = CopiedTexts()
        config.api_key = texts.keep(credentials?.apiKey)
        if case .hmac(let secret) = credentials?.secret { config.hmac_secret = texts.keep(secret) }
        if case .ed25519(let pem) = credentials?.secret { config.ed25519_pem = texts.keep(pem) }
        let names = (streams ?? []).map { texts.keep($0) }
        let made = Instrument.withTable(instruments) { table, count in
            names.withUnsafeBufferPointer { names in
                config.instruments = table
                config.instrument_count = count
                if streams != nil {
                    config.streams = names.baseAddress
                    config.stream_count = UInt32(names.count)
                }
                return withExtendedLifetime(texts) {
                    bn_wire_create(&config, &error, UInt32(error.count))
                }
            }
        }
        guard let made else {
            let bytes = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw VenueError(.unsupported, String(decoding: bytes, as: UTF8.self))
        }
        wire = made
    }

    deinit { bn_wire_destroy(wire) }

    /// The core's `nt_codec`; valid as long as this object.
    public var pointer: UnsafeRawPointer {
        guard let codec = bn_wire_codec(wire) else {
            preconditionFailure("a wire always has its codec")
        }
        return codec
    }

    /// Venue's clock minus ours, nanoseconds; added to whatever is signed. Any thread.
    public func setClockOffset(_ nanoseconds: Int64) {
        bn_wire_set_clock_offset(wire, nanoseconds / 1_000_000)
    }

    /// How often each known but unhandled kind of message was met, by its name. Lane stopped, or
    /// approximate.
    public var unsupported: [(name: String, count: UInt64)] {
        (0..<bn_wire_unsupported_count()).map { index in
            let name = bn_wire_unsupported_name(index).map { String(cString: $0) } ?? ""
            return (name: name, count: bn_wire_unsupported_seen(wire, index))
        }
    }

    /// Name of what the last "unsupported" was about. Lane's thread, or no lane.
    public var lastUnsupported: String {
        bn_wire_last_unsupported(wire).map { String(cString: $0) } ?? ""
    }

    /// Decodes as the lane would. Never while a lane uses this codec. `instrument`: whose book a
    /// snapshot is.
    public func describe(
        _ bytes: [UInt8], role: StreamRole, instrument: InstrumentID = .none
    ) -> Description {
        var text = [CChar](repeating: 0, count: descriptionSize)
        let status = bn_wire_describe(
            wire, UInt32(role.rawValue), instrument.slot, bytes, UInt32(bytes.count), &text,
            UInt32(text.count))
        let characters = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return Description(status: status, text: String(decoding: characters, as: UTF8.self))
    }
}

/// C strings for the time of one call; wiped, since keys are among them.
private final class CopiedTexts {
    private var copies: [UnsafeMutableBufferPointer<CChar>] = []

    func keep(_ text: String?) -> UnsafePointer<CChar>? {
        guard let text else { return nil }
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
        _ = copy.initialize(from: text.utf8CString)
        copies.append(copy)
        return UnsafePointer(copy.baseAddress)
    }

    deinit {
        for copy in copies {
            copy.update(repeating: 0)
            copy.deallocate()
        }
    }
}
