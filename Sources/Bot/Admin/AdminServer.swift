// AdminServer.swift — serves the admin socket: the owner of the process, nobody else.
import Foundation
import Glibc
import Synchronization

/// One thread; requests are answered one after the other. A client has `clientSeconds` to ask and
/// as long to take its answer, so a slow or hostile one holds the others up for no longer.
final class AdminServer: @unchecked Sendable {
    typealias Handler = @Sendable (AdminRequest) -> AdminReply

    static let clientSeconds = 2
    let path: String
    private let listener: UnixSocket
    private let handler: Handler
    /// Serves those who ask to `watch`, on threads of its own.
    private let feed: WatchFeed?
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(
        path: String, feed: WatchFeed? = nil, handler: @escaping Handler
    ) throws(AdminError) {
        self.path = path
        self.feed = feed
        self.handler = handler
        listener = try UnixSocket.listen(path: path)
    }

    func start() {
        let thread = Thread { [self] in
            while !isStopping.load(ordering: .relaxed) { serveNext() }
            ended.signal()
        }
        thread.name = "nt-admin"
        thread.start()
        feed?.start()
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
        feed?.stop()
        unlink(path)
    }

    private func serveNext() {
        guard let client = listener.accept(milliseconds: 100) else { return }
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
        guard let request = try? JSONText.decode(AdminRequest.self, data) else {
            return .failure(2, "not a request of this protocol")
        }
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
