// BookBenchmarks.swift — Book.set, and Book.depth on a seeded stream and on a recording.
import BenchmarkKernels
import Binance
import Core

enum BookBenchmarks {
    private static let depthMessages = 2000
    private static let levels: UInt32 = 1000
    private static let bookDepth: UInt32 = 5000
    /// Far more than a recording's snapshot has, so that nothing near the touch is dropped.
    private static let recordedDepth: UInt32 = 1 << 16

    static func make(_ options: BenchmarkOptions) throws(BenchmarkError) -> [any Benchmark] {
        let set = try KernelBenchmark(
            .book, "set (\(levels) levels a side, near best)",
            bk_levels_create(options.seed, levels, 1 << 16), batch: options.batch ?? 16,
            samples: options.samples(4000))
        var benchmarks: [any Benchmark] = [set, try synthetic(options)]
        if let path = options.data { benchmarks.append(try recorded(path, options)) }
        return benchmarks
    }

    private static func synthetic(
        _ options: BenchmarkOptions
    ) throws(BenchmarkError) -> any Benchmark {
        let codec = try SyntheticMarket.codec()
        var market = SyntheticMarket(seed: options.seed)
        var stream = try DepthStream(codec, depth: bookDepth)
        try stream.add(market.snapshot(), role: .snapshot)
        for _ in 0..<(options.size == .tiny ? 50 : depthMessages) {
            try stream.add(market.depth(), role: .market)
        }
        return try stream.benchmark("depth, synthetic", options)
    }

    private static func recorded(
        _ path: String, _ options: BenchmarkOptions
    ) throws(BenchmarkError) -> any Benchmark {
        let recording = try Recording(path)
        let codec = try recording.codec()
        var stream = try DepthStream(codec, depth: recordedDepth)
        try stream.add(recording.snapshot, role: .snapshot)
        for message in recording.messages { try stream.add(message, role: .market) }
        return try stream.benchmark("depth, recorded \(recording.symbol)", options)
    }
}

/// Messages on their way into a kernel.
private struct DepthStream {
    private let codec: BinanceCodec
    private let handle: OpaquePointer

    init(_ codec: BinanceCodec, depth: UInt32) throws(BenchmarkError) {
        guard let handle = bk_book_create(codec.pointer, depth) else {
            throw BenchmarkError("book: no memory")
        }
        self.codec = codec
        self.handle = handle
    }

    mutating func add(
        _ message: some Collection<UInt8>, role: StreamRole
    ) throws(BenchmarkError) {
        let status = message.withContiguousStorageIfAvailable {
            bk_book_add(handle, UInt32(role.rawValue), $0.baseAddress, UInt32($0.count))
        }
        // Messages of a kind that is not handled may stand in a recording.
        let unsupported = CoreError.Code.unsupported.rawValue
        guard status == 0 || status == unsupported else {
            throw BenchmarkError("book: a message cannot be decoded (status \(status ?? 0))")
        }
    }

    func benchmark(
        _ name: String, _ options: BenchmarkOptions
    ) throws(BenchmarkError) -> any Benchmark {
        let events = max(1, Int(bk_operations(handle)))
        let changes = Int(bk_book_levels(handle)) / events
        let kernel = try KernelBenchmark(
            .book, "\(name) (\(changes) changes)", handle, batch: options.batch ?? 4,
            samples: options.samples(4000))
        return CodecBenchmark(codec, kernel)
    }
}
