// Clock.swift — the time seam in Swift: a live clock, or one that a test turns.
import CCore

/// Monotonic and wall time in nanoseconds. Handed in; nothing below `Bot` reads a clock by itself.
public struct Clock: @unchecked Sendable {
    // The manual clock's two numbers are owned by `ManualTime`, kept alive here.
    private let owner: ManualTime?
    package let c: nt_clock

    public static let system = Clock(owner: nil, c: nt_clock_system())

    public init(manual time: ManualTime) {
        self.init(owner: time, c: nt_clock_manual(time.pointer))
    }

    private init(owner: ManualTime?, c: nt_clock) {
        self.owner = owner
        self.c = c
    }

    /// Never goes back.
    public var monotonic: Int64 { withUnsafePointer(to: c) { nt_now($0) } }
    /// UTC, nanoseconds since 1970.
    public var wall: Int64 { withUnsafePointer(to: c) { nt_wall($0) } }
}

/// A clock's hands. One thread at a time.
public final class ManualTime: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<nt_manual_time>

    public init(monotonic: Int64 = 0, wall: Int64 = 0) {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: nt_manual_time(monotonic_ns: monotonic, wall_ns: wall))
    }

    deinit { pointer.deallocate() }

    public func set(monotonic: Int64, wall: Int64) {
        pointer.pointee = nt_manual_time(monotonic_ns: monotonic, wall_ns: wall)
    }

    public func advance(by nanoseconds: Int64) {
        pointer.pointee.monotonic_ns += nanoseconds
        pointer.pointee.wall_ns += nanoseconds
    }
}
