// JournalBenchmarks.swift — Journal.append (200 bytes, ring; the journal's thread drains it).
import BenchmarkKernels

enum JournalBenchmarks {
    static func make(
        _ options: BenchmarkOptions, _ directory: String
    ) throws(BenchmarkError) -> [any Benchmark] {
        // A round is about 5 MB, a sixth of the ring.
        let append = try KernelBenchmark(
            .journal, "append (200 bytes, ring)", bk_journal_create(directory),
            batch: options.batch ?? 8, samples: options.samples(2500))
        return [append]
    }
}
