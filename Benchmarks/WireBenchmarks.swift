// WireBenchmarks.swift — Wire.round-trip (200 bytes, WebSocket over TLS 1.3 on loopback).
import BenchmarkKernels

enum WireBenchmarks {
    static func make(
        _ options: BenchmarkOptions, _ directory: String
    ) throws(BenchmarkError) -> [any Benchmark] {
        let samples = options.samples(1500)
        return [
            try KernelBenchmark(
                .wire, "round trip, client spins", bk_wire_create(directory, true), batch: 1,
                samples: samples),
            try KernelBenchmark(
                .wire, "round trip, client waits", bk_wire_create(directory, false), batch: 1,
                samples: samples),
        ]
    }
}
