// DecodeBenchmarks.swift — Decode.binance (combined streams: depth, bookTicker, trade).
import BenchmarkKernels
import Binance

enum DecodeBenchmarks {
    /// As many as give a round a thousand samples.
    private static let samples = 1024

    static func make(_ options: BenchmarkOptions) throws(BenchmarkError) -> [any Benchmark] {
        let codec = try SyntheticMarket.codec()
        return [
            try benchmark("depth", codec, options, batch: 4) { $0.depth() },
            try benchmark("bookTicker", codec, options, batch: 16) { $0.quote() },
            try benchmark("trade", codec, options, batch: 16) { $0.trade() },
        ]
    }

    private static func benchmark(
        _ name: String, _ codec: BinanceCodec, _ options: BenchmarkOptions, batch: Int,
        _ next: (inout SyntheticMarket) -> [UInt8]
    ) throws(BenchmarkError) -> any Benchmark {
        guard let handle = bk_decode_create(codec.pointer) else {
            throw BenchmarkError("decode: no memory")
        }
        var market = SyntheticMarket(seed: options.seed)
        for _ in 0..<(options.samples(samples) * batch) {
            let message = next(&market)
            guard bk_decode_add(handle, message, UInt32(message.count)) == 0 else {
                bk_subject_destroy(handle)
                throw BenchmarkError("decode: no memory for the messages")
            }
        }
        let mean = Int(bk_operation_bytes(handle))
        return CodecBenchmark(
            codec,
            try KernelBenchmark(
                .decode, "\(name) (\(mean) bytes)", handle, batch: options.batch ?? batch,
                samples: options.samples(4000)))
    }
}

/// Keeps the codec for as long as it is measured.
final class CodecBenchmark: Benchmark {
    private let codec: BinanceCodec
    private let kernel: KernelBenchmark

    init(_ codec: BinanceCodec, _ kernel: KernelBenchmark) {
        self.codec = codec
        self.kernel = kernel
    }

    func round(isWarmUp: Bool) throws(BenchmarkError) { try kernel.round(isWarmUp: isWarmUp) }

    func rows(overhead: Double, reading: Double) throws(BenchmarkError) -> [BenchmarkRow] {
        try kernel.rows(overhead: overhead, reading: reading)
    }
}
