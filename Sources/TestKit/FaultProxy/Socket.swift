// Socket.swift — TCP sockets of Linux, non-blocking, closed with their object.
import Glibc

/// An IPv4 address and port, as the kernel takes them.
struct Address: Equatable, Sendable {
    private let bytes: in_addr_t
    let port: UInt16

    static func loopback(_ port: UInt16) -> Address {
        Address(bytes: UInt32(0x7F00_0001).bigEndian, port: port)
    }

    /// "127.0.0.1:8443" or "localhost:8443".
    init(_ text: String) throws(FaultProxyError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let port = UInt16(parts[1]), port > 0 else {
            throw FaultProxyError("\"\(text)\" is no address such as 127.0.0.1:8443")
        }
        var address = in_addr()
        guard inet_pton(AF_INET, parts[0] == "localhost" ? "127.0.0.1" : parts[0], &address) == 1
        else {
            throw FaultProxyError("\"\(parts[0])\" is no IPv4 address; names are not asked for")
        }
        self.init(bytes: address.s_addr, port: port)
    }

    private init(bytes: in_addr_t, port: UInt16) {
        self.bytes = bytes
        self.port = port
    }

    fileprivate func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result
    {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = bytes
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Result of a call that does not wait.
enum Transfer: Equatable {
    case bytes(Int)
    /// The other side will send nothing more.
    case end
    /// RST, or another error; nothing will come or go any more.
    case broken
    case wouldBlock
}

final class Socket {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }

    private static func make() throws(FaultProxyError) -> Socket {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw Self.problem("socket") }
        return Socket(descriptor)
    }

    private static func problem(_ what: String) -> FaultProxyError {
        FaultProxyError("\(what): \(String(cString: strerror(errno)))")
    }

    // MARK: Server's side

    /// Takes a port of loopback without listening: clients are refused. Several sockets may hold
    /// one port, so that it stays ours while none listens. 0 = any free one.
    static func holding(port: UInt16) throws(FaultProxyError) -> Socket {
        let socket = try make()
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        socket.set(SOL_SOCKET, SO_REUSEPORT, 1)
        let status = Address.loopback(port).with { bind(socket.descriptor, $0, $1) }
        guard status == 0 else { throw problem("port \(port)") }
        return socket
    }

    static func listening(port: UInt16) throws(FaultProxyError) -> Socket {
        let socket = try holding(port: port)
        guard listen(socket.descriptor, 128) == 0 else { throw problem("listen") }
        return socket
    }

    /// Its own port; 0 when it has none.
    var port: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        return status == 0 ? UInt16(bigEndian: address.sin_port) : 0
    }

    /// Nil when nobody waits.
    func accepted() -> Socket? {
        let peer = accept(descriptor, nil, nil)
        guard peer >= 0 else { return nil }
        let socket = Socket(peer)
        guard fcntl(peer, F_SETFL, O_NONBLOCK) == 0 else { return nil }
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return socket
    }

    // MARK: Client's side

    /// Under way when it returns; the socket is writable once it is there.
    static func connecting(to address: Address) throws(FaultProxyError) -> Socket {
        let socket = try make()
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        let status = address.with { connect(socket.descriptor, $0, $1) }
        guard status == 0 || errno == EINPROGRESS else { throw problem("connect") }
        return socket
    }

    // MARK: Bytes

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .end }
        return Self.isTemporary ? .wouldBlock : .broken
    }

    func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
        let count = bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return .bytes(count) }
        return Self.isTemporary ? .wouldBlock : .broken
    }

    private static var isTemporary: Bool {
        errno == EAGAIN || errno == EINTR || errno == ENOTCONN
    }

    /// FIN.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Its closing will be a RST instead of a FIN.
    func resetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
