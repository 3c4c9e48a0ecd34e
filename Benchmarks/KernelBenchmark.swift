// KernelBenchmark.swift — a subject whose loop is in C.
import BenchmarkKernels

final class KernelBenchmark: Benchmark {
    private let handle: OpaquePointer
    private let samples: Int
    private let name: String
    private var measurement: Measurement
    private var buffer: [Int64]
    private var sum: UInt64?

    /// Takes over `handle`. A subject that starts over is measured up to there and no further.
    init(
        _ subject: BenchmarkSubject?, _ operation: String, _ handle: OpaquePointer?,
        batch: Int, samples: Int
    ) throws(BenchmarkError) {
        name = subject.map { "\($0.rawValue): \(operation)" } ?? operation
        guard let handle else { throw BenchmarkError("\(name): \(KernelBenchmark.reason)") }
        self.handle = handle
        let most = Int(bk_operations(handle))
        let batch = most == 0 ? batch : max(1, min(batch, most))
        self.samples = most == 0 ? samples : max(1, min(samples, most / batch))
        measurement = Measurement(subject, operation, batch: batch)
        let bytes = Int(bk_operation_bytes(handle))
        if bytes > 0 { measurement.bytes = bytes }
        buffer = .init(repeating: 0, count: self.samples)
    }

    /// Raw nanoseconds of batches so far.
    var times: [Int64] { measurement.times }

    deinit { bk_subject_destroy(handle) }

    private static var reason: String {
        let text = String(cString: bk_last_error())
        return text.isEmpty ? "it could not be set up" : text
    }

    func round(isWarmUp: Bool) throws(BenchmarkError) {
        let measured = measure(floor: false)
        try check()
        // Work that was left out, or done wrong once, shows here.
        if let sum, sum != measured.sum {
            throw BenchmarkError("\(name): two rounds came to different results")
        }
        sum = measured.sum
        guard !isWarmUp else { return }
        measurement.add(buffer)
        let operations = Double(samples * measurement.batch)
        measurement.add(cpu: Double(measured.cpu_ns) / operations)
        guard bk_has_floor(handle) else { return }
        _ = measure(floor: true)
        measurement.add(floor: buffer)
    }

    private func measure(floor: Bool) -> bk_round {
        let batch = UInt32(measurement.batch)
        return buffer.withUnsafeMutableBufferPointer {
            bk_measure(handle, floor, UInt32($0.count), batch, $0.baseAddress)
        }
    }

    private func check() throws(BenchmarkError) {
        guard let problem = bk_problem(handle) else { return }
        throw BenchmarkError("\(name): \(String(cString: problem))")
    }

    func rows(overhead: Double, reading: Double) throws(BenchmarkError) -> [BenchmarkRow] {
        let hash = fold(fold(hashStart, bk_result_hash(handle)), sum ?? 0)
        try check()
        return [measurement.row(overhead: overhead, reading: reading, hash: hash)]
    }
}
