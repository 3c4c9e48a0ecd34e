// ProcessPrivacy.swift — the Swift face of nt/process.h, and a look at what the kernel allows.
import CCore

/// Keeps the memory of this process, and the keys in it, to itself.
public enum ProcessPrivacy {
    /// No core file, and no reading by other processes of the user. Before the first key is read.
    public static func forbidDumps() throws(CoreError) {
        try check(nt_process_forbid_dumps(), "protecting the process")
    }

    public static var canDump: Bool { nt_process_can_dump() }
}

/// What a lane's network would run on here.
public enum NetworkProbe {
    /// `io_uring` or `poll`, and why not io_uring, found by making one connection's worth of it
    /// and letting it go.
    public static func kind() throws(CoreError) -> (kind: String, refusal: String) {
        var net: OpaquePointer?
        var config = nt_net_config()
        config.max_streams = 1
        config.clock = nt_clock_system()
        config.random = nt_random_system()
        try check(nt_net_create(&config, &net), "making a network")
        guard let net else { throw CoreError(.noMemory, "making a network") }
        defer { nt_net_destroy(net) }
        return (String(cString: nt_net_kind(net)), String(cString: nt_net_refusal(net)))
    }
}
