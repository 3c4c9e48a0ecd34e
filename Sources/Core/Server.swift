// Server.swift — the Swift face of nt/server.h: HTTPS and WSS on loopback, on a thread of its own.
//
// The thread belongs to the core; every method of the handler runs on it, one at a time, so a
// handler needs no locks as long as nobody else touches it.
import CCore

/// One WebSocket connection; never reused.
public struct Peer: Sendable, Hashable {
    public let id: UInt32
    public init(id: UInt32) { self.id = id }
}

/// One HTTP request, whole.
public struct ServerRequest: Sendable {
    public var method: String
    /// Without query.
    public var path: String
    /// Raw, without "?".
    public var query: String
    /// Value of the header named in the configuration; empty when absent.
    public var apiKey: String
    public var body: [UInt8]

    public init(
        method: String, path: String, query: String = "", apiKey: String = "", body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.apiKey = apiKey
        self.body = body
    }
}

public struct ServerReply: Sendable {
    public var status: Int
    public var contentType: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        status: Int, contentType: String = "application/json;charset=UTF-8",
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}

/// What stands behind a server; called on the server's thread only.
public protocol ServerHandler: AnyObject, Sendable {
    func reply(to request: ServerRequest, on server: Server.Connection) -> ServerReply
    /// False refuses the connection.
    func opened(_ peer: Peer, path: String, query: String, on server: Server.Connection) -> Bool
    func received(_ bytes: [UInt8], from peer: Peer, on server: Server.Connection)
    func closed(_ peer: Peer, on server: Server.Connection)
    func ponged(_ peer: Peer, on server: Server.Connection)
    func tick(now: Int64, on server: Server.Connection)
}

extension ServerHandler {
    /// Most do not count pongs.
    public func ponged(_ peer: Peer, on server: Server.Connection) {}
}

/// A running server; stop it from any thread but its own.
public final class Server: @unchecked Sendable {
    public struct Configuration: Sendable {
        /// 0 = any free one.
        public var port: UInt16 = 0
        /// 127.…, nothing else.
        public var address = "127.0.0.1"
        /// PEM files; nil = plain text.
        public var certificate: (certificateFile: String, keyFile: String)?
        public var apiKeyHeader = "x-mbx-apikey:"
        public var maxBody: UInt32 = 1 << 20
        public var maxPeers: UInt32 = 256
        public var tickMilliseconds: UInt32 = 5

        public init() {}
    }

    /// What a handler may do during a callback; not to be kept.
    public struct Connection {
        fileprivate let handle: OpaquePointer

        /// False: the peer was too slow and is cut off.
        @discardableResult
        public func send(_ bytes: [UInt8], to peer: Peer) -> Bool {
            nt_server_send(handle, peer.id, bytes, UInt32(bytes.count)) == NT_OK
        }
        public func ping(_ peer: Peer) { _ = nt_server_ping(handle, peer.id) }
        /// Code 0 cuts the TCP connection.
        public func close(_ peer: Peer, code: UInt16) {
            nt_server_close_peer(handle, peer.id, code)
        }
    }

    private let handler: any ServerHandler
    private var handle: OpaquePointer?

    /// Binds to loopback and starts the thread; `.locked` when the port is in use.
    public init(_ configuration: Configuration, handler: any ServerHandler) throws(CoreError) {
        self.handler = handler
        var created: OpaquePointer?
        let status = Self.start(configuration, Unmanaged.passUnretained(self).toOpaque(), &created)
        try check(status, "server")
        handle = created
    }

    deinit { stop() }

    public func stop() {
        guard let running = handle else { return }
        handle = nil
        nt_server_stop(running)
    }

    public var port: UInt16 { handle.map(nt_server_port) ?? 0 }

    /// Makes ca.pem, server.pem and server.key under `directory`, or re-uses them while valid.
    public static func makeCertificates(in directory: String) throws(CoreError) {
        try check(nt_server_make_certificates(directory), "certificates in \(directory)")
    }

    /// The same, always anew: server.pem holds from `from` to `until` seconds after now, and
    /// renewed.pem with renewed.key is its successor by the same authority.
    public static func makeDatedCertificates(
        in directory: String, from: Int64, until: Int64
    ) throws(CoreError) {
        try check(
            nt_server_make_dated_certificates(directory, from, until),
            "certificates in \(directory)")
    }

    // MARK: Callbacks

    private static func start(
        _ configuration: Configuration, _ context: UnsafeMutableRawPointer,
        _ out: inout OpaquePointer?
    ) -> nt_status {
        var c = nt_server_config()
        c.port = configuration.port
        c.max_body = configuration.maxBody
        c.max_peers = configuration.maxPeers
        c.tick_ms = configuration.tickMilliseconds
        c.context = context
        setCallbacks(&c)
        let files = configuration.certificate
        return withTexts([
            configuration.apiKeyHeader, configuration.address, files?.certificateFile ?? "",
            files?.keyFile ?? "",
        ]) { texts in
            c.api_key_header = texts[0]
            c.address = texts[1]
            c.certificate_file = files == nil ? nil : texts[2]
            c.key_file = files == nil ? nil : texts[3]
            return nt_server_start(&c, &out)
        }
    }

    private nonisolated static func setCallbacks(_ c: inout nt_server_config) {
        c.on_request = { context, server, request in
            guard let context, let server, let request else { return }
            let connection = Connection(handle: server)
            let reply = Server.from(context).handler.reply(
                to: ServerRequest(request.pointee), on: connection)
            connection.reply(reply)
        }
        c.on_open = { context, server, peer, path, query in
            guard let context, let server, let path, let query else { return false }
            return Server.from(context).handler.opened(
                Peer(id: peer), path: String(cString: path), query: String(cString: query),
                on: Connection(handle: server))
        }
        c.on_message = { context, server, peer, bytes, length in
            guard let context, let server else { return }
            let message = Array(UnsafeBufferPointer(start: bytes, count: Int(length)))
            Server.from(context).handler.received(
                message, from: Peer(id: peer), on: Connection(handle: server))
        }
        c.on_close = { context, server, peer in
            guard let context, let server else { return }
            Server.from(context).handler.closed(Peer(id: peer), on: Connection(handle: server))
        }
        c.on_pong = { context, server, peer in
            guard let context, let server else { return }
            Server.from(context).handler.ponged(Peer(id: peer), on: Connection(handle: server))
        }
        c.on_tick = { context, server, now in
            guard let context, let server else { return }
            Server.from(context).handler.tick(now: now, on: Connection(handle: server))
        }
    }

    private nonisolated static func from(_ context: UnsafeMutableRawPointer) -> Server {
        Unmanaged<Server>.fromOpaque(context).takeUnretainedValue()
    }
}

extension Server.Connection {
    fileprivate func reply(_ reply: ServerReply) {
        let headers = reply.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        nt_server_reply(
            handle, UInt32(reply.status), reply.contentType, headers.isEmpty ? nil : headers,
            reply.body, UInt32(reply.body.count))
    }
}

extension ServerRequest {
    fileprivate init(_ c: nt_server_request) {
        self.init(
            method: String(cString: c.method), path: String(cString: c.path),
            query: String(cString: c.query), apiKey: String(cString: c.api_key),
            body: Array(UnsafeBufferPointer(start: c.body, count: Int(c.body_length))))
    }
}
