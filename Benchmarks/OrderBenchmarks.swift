// OrderBenchmarks.swift — Orders.life (added, sent, acknowledged, filled in two trades).
import BenchmarkKernels

enum OrderBenchmarks {
    static func make(_ options: BenchmarkOptions) throws(BenchmarkError) -> [any Benchmark] {
        let life = try KernelBenchmark(
            .orders, "life (added, sent, acknowledged, filled in two)", bk_orders_create(),
            batch: options.batch ?? 8, samples: options.samples(4000))
        return [life]
    }
}
