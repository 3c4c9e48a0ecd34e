// Calibrators.swift — what the machine itself needs: measured between the subjects' rounds.
import BenchmarkKernels
import Foundation

final class Calibrators {
    private let empty: KernelBenchmark
    private let clock: KernelBenchmark
    private let others: [KernelBenchmark]
    private var line: KernelBenchmark?
    private(set) var warnings: [String] = []

    private static let clockBatch = 64

    init(_ options: BenchmarkOptions) throws(BenchmarkError) {
        let samples = options.samples(2000)
        empty = try KernelBenchmark(
            nil, "empty timed loop", bk_empty_create(), batch: 1, samples: samples)
        clock = try KernelBenchmark(
            nil, "clock read", bk_clock_create(), batch: Self.clockBatch, samples: samples)
        others = [
            try KernelBenchmark(
                nil, "system call (getppid)", bk_system_call_create(), batch: 16, samples: samples)
        ]
        guard ProcessInfo.processInfo.activeProcessorCount > 1 else { return }
        line = try KernelBenchmark(
            nil, "cache line to another thread and back", bk_cache_line_create(), batch: 16,
            samples: options.samples(1000))
    }

    func round(isWarmUp: Bool) throws(BenchmarkError) {
        for calibrator in [empty, clock] + others { try calibrator.round(isWarmUp: isWarmUp) }
        do throws(BenchmarkError) {
            try line?.round(isWarmUp: isWarmUp)
        } catch {
            // Needs a second core for itself; without one there is no figure.
            line = nil
            warnings.append("\(error); not measured")
        }
    }

    /// Of the pair of clock readings around each batch; nanoseconds.
    var overhead: Double { empty.rawMedian }
    /// Of one clock reading.
    var reading: Double { max(0, clock.rawMedian - overhead) / Double(Self.clockBatch) }

    /// The empty loop is shown as it is; what is taken off the others is exactly that.
    func rows() throws(BenchmarkError) -> [BenchmarkRow] {
        var rows = try empty.rows(overhead: 0, reading: 0)
        for calibrator in [clock] + others + (line.map { [$0] } ?? []) {
            rows += try calibrator.rows(overhead: overhead, reading: reading)
        }
        return rows
    }
}

extension KernelBenchmark {
    /// Median nanoseconds of a batch, clock included.
    var rawMedian: Double { Percentiles(times, off: 0, batch: 1).p50 }
}
