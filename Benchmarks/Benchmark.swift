// Benchmark.swift — something that is measured in rounds, so that several take turns.

/// Made, measured and finished on one thread.
protocol Benchmark: AnyObject {
    /// One round. What a warm-up measures is thrown away.
    func round(isWarmUp: Bool) throws(BenchmarkError)
    /// The rows, after the last round. `overhead` and `reading` as in `Measurement.row`.
    func rows(overhead: Double, reading: Double) throws(BenchmarkError) -> [BenchmarkRow]
}
