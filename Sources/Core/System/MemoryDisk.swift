// MemoryDisk.swift — the file seam in Swift: a disk in memory that fails when it is told to.
import CCore

/// Outlives every journal and tape on it, as a disk outlives processes. One thread at a time.
public final class MemoryDisk {
    private let handle: OpaquePointer

    public init() throws(CoreError) {
        guard let made = nt_memory_disk_create() else {
            throw CoreError(.noMemory, "creating a disk in memory")
        }
        handle = made
    }

    deinit { nt_memory_disk_destroy(handle) }

    package var files: nt_files { nt_files_memory(handle) }

    /// From now on every write and every sync fails; what is mapped stays as it is.
    public func fail() { nt_memory_disk_fail_after(handle, 0, NT_IO) }
    /// As `fail`, after so many more of them: full in the middle of its work.
    public func fill(after operations: UInt64) {
        nt_memory_disk_fail_after(handle, operations, NT_FULL)
    }
    /// From now on it remembers what was not synced, for `cutPower`.
    public func remember() { nt_memory_disk_remember(handle) }
    /// The power fails: what was not synced is there or not, sector by sector, as the seed draws.
    public func cutPower(seed: UInt64) { nt_memory_disk_cut_power(handle, seed) }
    public func heal() { nt_memory_disk_fail_after(handle, .max, NT_OK) }
}
