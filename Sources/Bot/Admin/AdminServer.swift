// AdminServer.swift — serves the admin socket: the owner of the process, nobody else.
import Foundation
import Glibc

/// Each client has a thread of its own, so that a halt is answered while other commands wait for
/// their proof. A client has `clientSeconds` to ask and as long to take its answer.
final class AdminServer: @unchecked Sendable {
    typealias Handler = @Sendable (AdminRequest) -> AdminReply

    static let clientSeconds = 2
    /// At once; who comes next waits to be let in.
    static let maxClients = 16
    let path: String
    private let listener: UnixSocket
    /// Called by several threads at a time.
    private let handler: Handler
    /// Serves those who ask to `watch`, on threads of its own.
    private let feed: WatchFeed?
    // Guards what follows; told of every change.
    private let condition = NSCondition()
    private var isStopping = false
    private var isAccepting = false
    private var clients = 0

    init(
        path: String, feed: WatchFeed? = nil, handler: @escaping Handler
    ) throws(AdminError) {
        self.path = path
        self.feed = feed
        self.handler = handler
        listener = try UnixSocket.listen(path: path)
    }

    func start() {
        condition.withLock { isAccepting = true }
        let thread = Thread { [self] in
            while letIn() {}
            condition.withLock {
                isAccepting = false
                condition.broadcast()
            }
        }
        thread.name = "nt-admin"
        thread.start()
        feed?.start()
    }

    /// The handler is not called any more when this returns. Also before `start`.
    func stop() {
        condition.withLock {
            isStopping = true
            condition.broadcast()
            while isAccepting || clients > 0 { condition.wait() }
        }
        feed?.stop()
        unlink(path)
    }

    /// Looks for a client for a moment. False: the server ends.
    private func letIn() -> Bool {
        let goesOn = condition.withLock {
            while clients >= Self.maxClients, !isStopping { condition.wait() }
            return !isStopping
        }
        guard goesOn else { return false }
        guard let accepted = listener.accept(milliseconds: 100) else { return true }
        // The new thread alone uses it from now on.
        nonisolated(unsafe) let client = accepted
        condition.withLock { clients += 1 }
        let thread = Thread { [self] in
            serve(client)
            condition.withLock {
                clients -= 1
                condition.broadcast()
            }
        }
        thread.name = "nt-admin-client"
        thread.start()
        return true
    }

    private func serve(_ client: UnixSocket) {
        client.setTimeout(seconds: Self.clientSeconds)
        // Nil: it watches from now on, and the feed has the connection.
        guard let reply = answer(client) else { return }
        client.setTimeout(seconds: Self.clientSeconds)
        // A client that went away needs no answer.
        try? client.sendFrame(Self.frame(reply))
    }

    private static func frame(_ reply: AdminReply) -> Data {
        if let data = try? JSONText.encode(reply), data.count <= UnixSocket.maxFrame { return data }
        let tooLong = AdminReply.failure(1, "the answer is longer than 1 MiB; use --last")
        return (try? JSONText.encode(tooLong)) ?? Data()
    }

    /// As the system knows the user; the number where it does not.
    private static func name(of user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else {
            return "uid \(user)"
        }
        return String(cString: name)
    }

    /// Takes the request before it judges who asks: a connection that is closed on unread bytes
    /// breaks under the client, who then never sees the refusal.
    private func answer(_ client: UnixSocket) -> AdminReply? {
        let data: Data
        do throws(AdminError) {
            data = try client.receiveFrame()
        } catch {
            return .failure(2, "the request did not arrive whole")
        }
        guard let user = client.peerUser, user == geteuid() || user == 0 else {
            return .failure(77, "only the owner of the bot may use its admin socket")
        }
        guard var request = try? JSONText.decode(AdminRequest.self, data) else {
            return .failure(2, "not a request of this protocol")
        }
        request.user = Self.name(of: user)
        if request.command == "watch", let feed {
            return feed.adopt(client).map { .failure(3, $0) }
        }
        return handler(request)
    }
}

/// The other end, used by the commands.
public enum AdminClient {
    /// Sends one request. `timeout` in seconds.
    public static func perform(
        _ request: AdminRequest, socket path: String, timeout: Int = 10
    ) throws(AdminError) -> AdminReply {
        let client = try UnixSocket.connect(path: path, timeout: timeout)
        guard let data = try? JSONText.encode(request) else {
            throw .broken("the request cannot be written")
        }
        try client.sendFrame(data)
        let reply = try client.receiveFrame()
        guard let decoded = try? JSONText.decode(AdminReply.self, reply) else {
            throw .broken("the answer cannot be read")
        }
        return decoded
    }
}
