// UnixSocket.swift — the few socket calls that the admin channel needs, with named failures.
import Core
import Foundation
import Glibc

/// Why the admin channel failed.
public enum AdminError: Error, Equatable {
    /// No bot listens there.
    case notRunning(path: String)
    /// The socket is another user's.
    case notPermitted(String)
    /// No answer in time: the outcome is unknown.
    case timedOut
    case broken(String)
}

/// A connected or listening descriptor; closed once. One thread at a time.
final class UnixSocket {
    static let maxFrame = 1 << 20
    let descriptor: Int32
    /// Whatever is sent or received must be over by then, however slowly the other end goes.
    private var deadline = Int64.max

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    private static func address(_ path: String) throws(AdminError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= capacity else {
            throw .broken(
                "the socket path is longer than \(capacity) bytes; use a shorter data_dir")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8)
        }
        return address
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(AdminError) -> Int32 {
        var address = try address(path)
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }

    private static func make() throws(AdminError) -> UnixSocket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .broken(reason("a socket cannot be made")) }
        return UnixSocket(descriptor: descriptor)
    }

    private static func reason(_ text: String) -> String {
        "\(text): \(String(cString: strerror(errno)))"
    }

    /// Listens at `path` for its owner only. The caller holds the data directory's lock, so that
    /// a socket found there is a dead bot's.
    static func listen(path: String) throws(AdminError) -> UnixSocket {
        let listener = try make()
        unlink(path)
        // The mode is right from the first moment: no one can connect in between.
        let mask = umask(0o177)
        let bound = try withAddress(path) { bind(listener.descriptor, $0, $1) }
        umask(mask)
        guard bound == 0 else { throw .broken(reason("cannot listen at \(path)")) }
        guard Glibc.listen(listener.descriptor, 16) == 0 else {
            throw .broken(reason("cannot listen at \(path)"))
        }
        return listener
    }

    static func connect(path: String, timeout: Int) throws(AdminError) -> UnixSocket {
        let client = try make()
        client.setTimeout(seconds: timeout)
        // Connecting waits while the bot's queue is full; the send timeout bounds it (unix(7)).
        var time = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(client.descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
        let result = try withAddress(path) { Glibc.connect(client.descriptor, $0, $1) }
        guard result == 0 else {
            switch errno {
            case EACCES, EPERM:
                throw .notPermitted("the socket \(path) belongs to another user")
            case EAGAIN: throw .timedOut
            default: throw .notRunning(path: path)
            }
        }
        return client
    }

    /// From now on, for everything together.
    func setTimeout(seconds: Int) {
        deadline = Clock.system.monotonic + Int64(seconds) * 1_000_000_000
    }

    /// Waits up to `milliseconds` for a client; nil when none came.
    func accept(milliseconds: Int32) -> UnixSocket? {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, milliseconds) > 0 else { return nil }
        let client = Glibc.accept(descriptor, nil, nil)
        guard client >= 0 else { return nil }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        return UnixSocket(descriptor: client)
    }

    /// User at the other end, as the kernel knows it.
    var peerUser: uid_t? {
        // `struct ucred` of unix(7), which the Glibc module does not show.
        var credentials: (process: pid_t, user: uid_t, group: gid_t) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else {
            return nil
        }
        return credentials.user
    }

    func sendFrame(_ data: Data) throws(AdminError) {
        guard data.count <= Self.maxFrame else { throw .broken("the answer is longer than 1 MiB") }
        var length = UInt32(data.count).bigEndian
        var frame = Data(bytes: &length, count: 4)
        frame.append(data)
        var sent = 0
        while sent < frame.count {
            let count = frame.withUnsafeBytes { bytes in
                send(
                    descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 { sent += count } else { try waitAfterFailure(for: POLLOUT) }
        }
    }

    func receiveFrame() throws(AdminError) -> Data {
        let header = try receive(4)
        let length = header.reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.maxFrame else { throw .broken("a frame longer than 1 MiB") }
        return length == 0 ? Data() : try receive(length)
    }

    private func receive(_ count: Int) throws(AdminError) -> Data {
        var data = Data(count: count)
        var got = 0
        while got < count {
            let read = data.withUnsafeMutableBytes { bytes in
                recv(
                    descriptor, bytes.baseAddress.map { $0 + got }, count - got,
                    Int32(MSG_DONTWAIT))
            }
            if read == 0 { throw .broken("the other end closed the connection") }
            if read > 0 { got += read } else { try waitAfterFailure(for: POLLIN) }
        }
        return data
    }

    /// Waits until the socket is ready again; throws when the time is over or it is broken.
    private func waitAfterFailure(for events: Int32) throws(AdminError) {
        guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else {
            throw .broken(Self.reason("the admin socket failed"))
        }
        let left = deadline - Clock.system.monotonic
        guard left > 0 else { throw .timedOut }
        var poller = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = poll(&poller, 1, Int32(min(left / 1_000_000 + 1, 60_000)))
    }
}
