// Random.swift — the randomness seam in Swift: the core's generator as a value.
import CCore

/// xoshiro256++; the same seed gives the same numbers everywhere.
public struct Random: RandomNumberGenerator, Sendable {
    private var c: nt_random

    public init(seed: UInt64) { c = nt_random_seeded(seed) }
    private init(c: nt_random) { self.c = c }

    /// Seeded by the kernel.
    public static func system() -> Random { Random(c: nt_random_system()) }

    public mutating func next() -> UInt64 { nt_random_next(&c) }
    /// Uniform in `0 ..< bound`, without bias.
    public mutating func below(_ bound: UInt64) -> UInt64 { nt_random_below(&c, bound) }
    /// Uniform in `[0, 1)`. For generated markets and statistics only.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
