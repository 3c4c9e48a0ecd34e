// Measurement.swift — times of one operation, as they were taken, and the percentiles of them.
import BenchmarkKernels

/// Raw times of batches; the cost of reading the clock is taken off at the end, when it is known.
struct Measurement {
    let subject: BenchmarkSubject?
    let operation: String
    let batch: Int
    /// Clock readings inside the timed part, besides the pair around it.
    var innerReadings = 0
    /// Nanoseconds of a batch, clock included.
    private(set) var times: [Int64] = []
    /// Processor nanoseconds of one operation, by round; clock included.
    private(set) var cpu: [Double] = []
    private(set) var floor: [Int64] = []
    var bytes: Int?
    var allocations: Int?

    init(_ subject: BenchmarkSubject?, _ operation: String, batch: Int) {
        self.subject = subject
        self.operation = operation
        self.batch = batch
    }

    mutating func add(_ new: some Sequence<Int64>) { times.append(contentsOf: new) }
    mutating func add(cpu perOperation: Double) { cpu.append(perOperation) }
    mutating func add(floor new: some Sequence<Int64>) { floor.append(contentsOf: new) }

    /// `overhead`: of the pair of clock readings; `reading`: of one more.
    func row(overhead: Double, reading: Double, hash: UInt64) -> BenchmarkRow {
        let off = overhead + Double(innerReadings) * reading
        let own = Percentiles(times, off: off, batch: batch)
        let least = floor.isEmpty ? nil : Percentiles(floor, off: overhead, batch: batch).p50
        let share = off / Double(batch)
        let processor = cpu.isEmpty ? nil : max(0, cpu.sorted()[cpu.count / 2] - share)
        return BenchmarkRow(
            subject: subject?.rawValue ?? "calibrator", operation: operation, p50: own.p50,
            p99: own.p99, p999: own.p999, max: own.max, count: times.count * batch, batch: batch,
            cpu: processor.map(Percentiles.rounded), bytes: bytes, allocations: allocations,
            floor: least, hash: String(hash, radix: 16))
    }
}

/// Exact percentiles: the smallest value that so many do not exceed.
struct Percentiles {
    let p50: Double
    let p99: Double
    let p999: Double
    let max: Double

    init(_ times: [Int64], off: Double, batch: Int) {
        let sorted = times.sorted()
        func value(_ part: Double) -> Double {
            guard let last = sorted.last else { return 0 }
            let rank = Int((part * Double(sorted.count)).rounded(.up))
            let time = rank > sorted.count ? last : sorted[Swift.max(rank, 1) - 1]
            return Self.rounded(Swift.max(0, Double(time) - off) / Double(batch))
        }
        (p50, p99, p999, max) = (value(0.5), value(0.99), value(0.999), value(1))
    }

    /// To a tenth of a nanosecond.
    static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// FNV-1a over eight bytes, lowest first.
func fold(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    (0..<8).reduce(hash) { ($0 ^ (value >> (8 * UInt64($1)) & 0xff)) &* 0x100_0000_01b3 }
}
let hashStart: UInt64 = 0xcbf2_9ce4_8422_2325
