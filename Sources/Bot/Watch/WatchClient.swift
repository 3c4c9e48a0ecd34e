// WatchClient.swift — the other end of the feed.
import Foundation

package enum WatchClient {
    /// Follows the bot that listens at `path`: frames go to `take` until it answers false. Throws
    /// when the bot is not there, goes away, or is silent for longer than `patience` seconds; it
    /// speaks at least once a second.
    package static func follow(
        socket path: String, patience: Int = 4, _ take: (Data) -> Bool
    ) throws(AdminError) {
        let client = try UnixSocket.connect(path: path, timeout: patience)
        guard let request = try? JSONText.encode(AdminRequest("watch")) else {
            throw .broken("the request cannot be written")
        }
        try client.sendFrame(request)
        let data = try client.receiveFrame()
        guard let reply = try? JSONText.decode(AdminReply.self, data) else {
            throw .broken("the answer cannot be read")
        }
        if reply.exit == 77 { throw .notPermitted(reply.error ?? "not permitted") }
        if reply.exit != 0 { throw .broken(reply.error ?? "the bot refused") }
        while true {
            client.setTimeout(seconds: patience)
            guard take(try client.receiveFrame()) else { return }
        }
    }
}
