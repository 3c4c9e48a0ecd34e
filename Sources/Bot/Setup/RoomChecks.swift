// RoomChecks.swift — the data directory: whose it is, what room it has, and whether a bot is in it.
import Foundation
import Glibc

struct RoomChecks {
    private static let least = Int64(1) << 30
    private static let comfortable = Int64(10) << 30
    let directory: DataDirectory

    func all() -> [DoctorCheck] { [permissions, space, socketPath, loopback] }

    var permissions: DoctorCheck {
        let (id, name) = ("data_dir.permissions", "data directory")
        var status = stat()
        guard stat(directory.root, &status) == 0 else { return unmade(id, name) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return DoctorCheck(
                id, name, .fail, "\(directory.root) is no folder", mend: "Name another data_dir.")
        }
        let mode = String(status.st_mode & 0o777, radix: 8)
        guard status.st_uid == geteuid() else {
            return DoctorCheck(
                id, name, .fail, "\(directory.root) belongs to another user",
                mend: "Run as that user, or name another data_dir.")
        }
        guard status.st_mode & 0o022 == 0 else {
            return DoctorCheck(
                id, name, .fail, "\(directory.root) can be written by others (mode \(mode))",
                mend: "chmod go-w \(directory.root)")
        }
        guard access(directory.root, W_OK) == 0 else {
            return DoctorCheck(
                id, name, .fail, "\(directory.root) cannot be written (mode \(mode))",
                mend: "chmod u+w \(directory.root)")
        }
        let isPrivate = status.st_mode & 0o077 == 0
        return DoctorCheck(
            id, name, isPrivate ? .ok : .warn, "\(directory.root), mode \(mode)",
            mend: "Others can read it: chmod 700 \(directory.root)")
    }

    /// The bot makes it, if it may.
    private func unmade(_ id: String, _ name: String) -> DoctorCheck {
        let parent = nearest(directory.root)
        guard access(parent, W_OK) == 0 else {
            return DoctorCheck(
                id, name, .fail, "\(directory.root) is not there and \(parent) cannot be written",
                mend: "Make it, with mode 0700, or name another data_dir.")
        }
        return DoctorCheck(id, name, .ok, "\(directory.root) will be made")
    }

    /// The closest folder above that exists.
    private func nearest(_ path: String) -> String {
        var url = URL(fileURLWithPath: path)
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) {
            url.deleteLastPathComponent()
        }
        return url.path
    }

    var space: DoctorCheck {
        let (id, name) = ("data_dir.space", "free disk")
        var status = statvfs()
        guard statvfs(nearest(directory.root), &status) == 0 else {
            return DoctorCheck(id, name, .warn, "cannot see it", mend: "Look with df.")
        }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        let text = "\(free / (1 << 20)) MiB"
        let isLittle = free < Self.least
        return DoctorCheck(
            id, name, isLittle ? .fail : free < Self.comfortable ? .warn : .ok, text,
            mend: "A full disk stops trading; tape: false keeps raw messages off it.")
    }

    var socketPath: DoctorCheck {
        let (id, name) = ("admin.socket", "admin socket")
        let length = directory.socket.utf8.count
        guard length <= 107 else {
            return DoctorCheck(
                id, name, .fail, "its path has \(length) bytes, a socket's at most 107",
                mend: "Use a shorter data_dir.")
        }
        do throws(AdminError) {
            _ = try UnixSocket.connect(path: directory.socket, timeout: 1)
            return DoctorCheck(id, name, .ok, "a bot is running")
        } catch {
            switch error {
            case .notPermitted(let text):
                return DoctorCheck(
                    id, name, .fail, text, mend: "Run as that user, or name another data_dir.")
            case .notRunning, .timedOut, .broken:
                return DoctorCheck(id, name, .ok, "no bot is running")
            }
        }
    }

    /// Simulator, page and clients listen there.
    var loopback: DoctorCheck {
        let (id, name) = ("network.loopback", "ports on loopback")
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { if descriptor >= 0 { close(descriptor) } }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return DoctorCheck(
            id, name, bound == 0 ? .ok : .fail,
            bound == 0 ? "free ones there are" : String(cString: strerror(errno)),
            mend: "Bring up the interface lo; a sandbox may forbid listening.")
    }
}
