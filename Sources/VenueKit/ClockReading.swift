// ClockReading.swift — the venue's clock as it was read once, with what is not known of it.

public struct ClockReading: Sendable, Hashable {
    /// The venue's clock minus ours, nanoseconds.
    public var offset: Int64
    /// The true offset differs from it by no more, nanoseconds: half of the way there and back.
    public var error: Int64

    public init(offset: Int64, error: Int64) {
        self.offset = offset
        self.error = error
    }
}
