// CaptureCodec.swift — the wire codec without keys, for decoding recorded market data.
import BinanceWire
import Core

/// Owns a wire; its codec lives as long. One thread at a time.
package final class CaptureCodec {
    /// Which of the venue's markets a recording comes from.
    package enum Product: String, Sendable, CaseIterable {
        case spot
        case usdm
        case coinm

        var wireValue: UInt32 {
            switch self {
            case .spot: UInt32(BN_SPOT)
            case .usdm: UInt32(BN_USDM)
            case .coinm: UInt32(BN_COINM)
            }
        }
    }

    private let wire: OpaquePointer
    /// The `nt_codec` to hand to the core.
    package let codec: UnsafeRawPointer

    package init(_ product: Product, _ instruments: [Instrument]) throws(CoreError) {
        var why = [CChar](repeating: 0, count: 256)
        let created = Instrument.withTable(instruments) { table, count in
            var configuration = bn_wire_config()
            configuration.instruments = table
            configuration.instrument_count = count
            configuration.product = product.wireValue
            return bn_wire_create(&configuration, &why, UInt32(why.count))
        }
        guard let created, let codec = bn_wire_codec(created) else {
            let text = why.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw CoreError(.invalid, "codec: \(String(decoding: text, as: UTF8.self))")
        }
        wire = created
        self.codec = codec
    }

    deinit { bn_wire_destroy(wire) }
}
