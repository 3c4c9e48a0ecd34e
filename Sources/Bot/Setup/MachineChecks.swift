// MachineChecks.swift — kernel, clock, cores and limits, as `/proc` and `/sys` show them.
import Core
import Foundation
import Glibc

struct MachineChecks {
    /// Stands before `/proc` and `/sys`.
    var system = ""
    /// Asks this machine's kernel for a ring.
    var probe: () throws(CoreError) -> (kind: String, refusal: String) = NetworkProbe.kind

    func all() -> [DoctorCheck] {
        [kernel, network, lockedMemory, clockSource, clockSync, cores]
    }

    private func read(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: system + path) else { return nil }
        return String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func unseen(_ id: String, _ check: String, _ path: String) -> DoctorCheck {
        DoctorCheck(
            id, check, .warn, "cannot see \(path)", mend: "Look by hand; a container may hide it.")
    }

    /// Rings with deferred task work begin with 6.1.
    var kernel: DoctorCheck {
        let (id, name, path) = ("kernel.version", "kernel", "/proc/sys/kernel/osrelease")
        guard let release = read(path) else { return unseen(id, name, path) }
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else { return unseen(id, name, path) }
        let isNew = (numbers[0], numbers[1]) >= (6, 1)
        return DoctorCheck(
            id, name, isNew ? .ok : .warn, release,
            mend: "Linux 6.1 or newer has the io_uring that is used; older ones go through poll.")
    }

    /// Asks the kernel itself where it is this machine; a file tells of another.
    var network: DoctorCheck {
        let (id, name) = ("kernel.io_uring", "io_uring")
        let disabled = read("/proc/sys/kernel/io_uring_disabled") ?? "0"
        let mend =
            "The bot goes through poll, with a little more latency. Where you may: "
            + "sysctl kernel.io_uring_disabled=0, or a container's seccomp profile that allows it."
        if disabled != "0" {
            let whom = disabled == "1" ? "all but a group" : "all"
            return DoctorCheck(
                id, name, .warn, "kernel.io_uring_disabled is \(disabled): forbidden to \(whom)",
                mend: mend)
        }
        guard system.isEmpty else { return DoctorCheck(id, name, .ok, "not disabled") }
        do throws(CoreError) {
            let (kind, refusal) = try probe()
            if kind == "io_uring" {
                return DoctorCheck(id, name, .ok, "the network runs on io_uring")
            }
            return DoctorCheck(
                id, name, .warn, "the network runs on \(kind): io_uring, \(refusal)", mend: mend)
        } catch {
            return DoctorCheck(
                id, name, .fail, error.text, mend: "Look at memory and file limits (ulimit -a).")
        }
    }

    /// Kernels before 5.12 count a ring's memory against the limit; later ones do not.
    var lockedMemory: DoctorCheck {
        let (id, name, path) = ("limits.memlock", "memory that may be locked", "/proc/self/limits")
        let line = read(path)?.split(separator: "\n").first { $0.hasPrefix("Max locked memory") }
        let words = line?.split(separator: " ").map(String.init) ?? []
        guard words.count > 3 else { return unseen(id, name, path) }
        let enough = Int64(8) << 20
        let isEnough = words[3] == "unlimited" || (Int64(words[3]) ?? 0) >= enough
        return DoctorCheck(
            id, name, isEnough ? .ok : .warn,
            words[3] == "unlimited" ? "unlimited" : "\(words[3]) bytes",
            mend: "8 MiB lets every kernel have the ring: ulimit -l 8192, or LimitMEMLOCK=8M.")
    }

    var clockSource: DoctorCheck {
        let (id, name) = ("clock.source", "clock source")
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        guard let source = read(path) else { return unseen(id, name, path) }
        let isFast = ["tsc", "kvm-clock", "arch_sys_counter"].contains(source)
        return DoctorCheck(
            id, name, isFast ? .ok : .warn, source,
            mend: "Reading this clock goes through the kernel; tsc does not.")
    }

    /// Signatures carry the time; the venue refuses those that are too far off.
    var clockSync: DoctorCheck {
        let (id, name) = ("clock.sync", "clock set by")
        let mend = "Install chrony, or enable systemd-timesyncd."
        for (file, service) in [
            ("/run/chrony/chronyd.pid", "chrony"),
            ("/run/systemd/timesync/synchronized", "systemd-timesyncd"),
            ("/run/ntpd.pid", "ntpd"),
        ] where FileManager.default.fileExists(atPath: system + file) {
            return DoctorCheck(id, name, .ok, service)
        }
        return DoctorCheck(
            id, name, .warn, "no service that is known; the bot measures the venue's offset itself",
            mend: mend)
    }

    var cores: DoctorCheck {
        let (id, name, path) = ("cpu.cores", "processor cores", "/sys/devices/system/cpu/online")
        guard let text = read(path) else { return unseen(id, name, path) }
        let count = text.split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last else { return sum }
            return sum + max(0, last - first + 1)
        }
        return DoctorCheck(
            id, name, count >= 2 ? .ok : .warn, "\(count)",
            mend: "With one core every other thread delays the lane; keep lane.spin: false.")
    }
}
