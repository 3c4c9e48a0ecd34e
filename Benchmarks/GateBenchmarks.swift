// GateBenchmarks.swift — Gate.check (limit orders, one in sixteen refused).
import BenchmarkKernels

enum GateBenchmarks {
    static func make(_ options: BenchmarkOptions) throws(BenchmarkError) -> [any Benchmark] {
        let batch = options.batch ?? 16
        let samples = options.samples(4000)
        return [
            try KernelBenchmark(
                .gate, "check (limit orders, 1 in 16 refused)",
                bk_gate_create(options.seed, false, false), batch: batch, samples: samples),
            try KernelBenchmark(
                .gate, "check and commit", bk_gate_create(options.seed, true, false), batch: batch,
                samples: samples),
            try KernelBenchmark(
                .gate, "check, take from the shared budget, commit",
                bk_gate_create(options.seed, true, true), batch: batch, samples: samples),
        ]
    }
}
