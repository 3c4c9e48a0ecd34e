// NewFile.swift — files that appear whole, private from their first byte, and never over another.
import Foundation
import Glibc

/// A file that appears whole or not at all, and never in place of another.
struct NewFile {
    let path: String
    /// From its first byte on.
    let mode: mode_t

    private var temporary: String { "\(path).\(getpid()).new" }

    /// Writes `data` beside its place, then gives it its name.
    func write(_ data: Data) throws(BotError) {
        try write { descriptor throws(BotError) in try put(data, descriptor) }
    }

    /// The same with what `fill` writes into the descriptor.
    func write(_ fill: (Int32) throws(BotError) -> Void) throws(BotError) {
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw problem("cannot be written") }
        defer { unlink(temporary) }
        // Whatever the umask took away.
        fchmod(descriptor, mode)
        do throws(BotError) {
            try fill(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        let isSynced = fsync(descriptor) == 0
        guard close(descriptor) == 0, isSynced else { throw problem("cannot be written") }
        // A link, unlike a rename, fails when the name is taken.
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { throw .refused("\(path) exists already; nothing is overwritten") }
            throw problem("cannot be written")
        }
    }

    /// All of `data`, however the system cuts it.
    func put(_ data: Data, _ descriptor: Int32) throws(BotError) {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw problem("cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    private func problem(_ text: String) -> BotError {
        .setup("\(path) \(text): \(String(cString: strerror(errno)))")
    }
}
