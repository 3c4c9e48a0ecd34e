// WatchFeedTests.swift — watchers on real sockets: kind ones, too many, and one that never reads.
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Bot

/// A server whose feed paints what the test says.
private final class FeedServer: Sendable {
    let path: String
    private let folder: String
    private let server: AdminServer
    let feed: WatchFeed

    init(_ painter: @escaping WatchFeed.Painter) throws {
        let temporary = FileManager.default.temporaryDirectory.path
        folder = "\(temporary)/nt-w-\(UInt32.random(in: 0...(.max)))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        path = "\(folder)/admin.sock"
        feed = WatchFeed(painter)
        server = try AdminServer(path: path, feed: feed) { _ in .document(["pong": "1"]) }
        server.start()
    }

    func stop() {
        server.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A connection that has asked to watch.
    func watcher() throws -> UnixSocket {
        let socket = try UnixSocket.connect(path: path, timeout: 10)
        try socket.sendFrame(try JSONText.encode(AdminRequest("watch")))
        return socket
    }
}

/// Asks until it is so, within ten seconds.
private func soon(_ question: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 10)
    while Date() < end {
        if question() { return true }
        usleep(20_000)
    }
    return false
}

@Suite("Watch feed", .serialized) struct WatchFeedTests {
    @Test("A watcher is sent the whole state, then what changes") func follows() throws {
        let server = try FeedServer { board, turn in board.set("turn", Data("\(turn)".utf8)) }
        defer { server.stop() }
        var page = WatchBoard()
        var seen: [String] = []
        try WatchClient.follow(socket: server.path) { frame in
            do { try page.take(frame) } catch { return false }
            seen.append(page.section("turn").map { String(decoding: $0, as: UTF8.self) } ?? "")
            return seen.count < 4
        }
        #expect(seen.count == 4)
        #expect(Set(seen).count == 4)
    }

    @Test("Other requests are answered while somebody watches") func othersAreServed() throws {
        let server = try FeedServer { board, turn in board.set("turn", Data("\(turn)".utf8)) }
        defer { server.stop() }
        let watcher = try server.watcher()
        _ = try watcher.receiveFrame()
        let reply = try AdminClient.perform(AdminRequest("ping"), socket: server.path)
        #expect(reply.exit == 0)
    }

    @Test("The ninth watcher is refused by name, and let in when another leaves")
    func boundsWatchers() throws {
        let server = try FeedServer { board, turn in board.set("turn", Data("\(turn)".utf8)) }
        defer { server.stop() }
        var watchers = try (0..<WatchFeed.maxWatchers).map { _ in try server.watcher() }
        for watcher in watchers { _ = try watcher.receiveFrame() }
        let refused = try JSONText.decode(
            AdminReply.self, try server.watcher().receiveFrame())
        #expect(refused.exit == 3)
        #expect(refused.error?.contains("8 watchers") == true)
        watchers.removeLast()
        #expect(soon { server.feed.watcherCount < WatchFeed.maxWatchers })
        let admitted = try JSONText.decode(
            AdminReply.self, try server.watcher().receiveFrame())
        #expect(admitted.exit == 0)
    }

    @Test("A watcher that never reads is dropped, and others do not notice")
    func dropsStalled() throws {
        let filler = String(repeating: "x", count: 100_000)
        let server = try FeedServer { board, turn in
            board.set("turn", Data("\(turn)".utf8))
            board.set("big", Data("\"\(filler)\(turn)\"".utf8))
        }
        defer { server.stop() }
        let stalled = try server.watcher()
        var turns: Set<String> = []
        var page = WatchBoard()
        let began = Date()
        try WatchClient.follow(socket: server.path) { frame in
            do { try page.take(frame) } catch { return false }
            turns.insert(page.section("turn").map { String(decoding: $0, as: UTF8.self) } ?? "")
            let isDropped = server.feed.watcherCount == 1
            return !(isDropped && turns.count > 20) && -began.timeIntervalSinceNow < 20
        }
        #expect(server.feed.watcherCount <= 1)
        #expect(turns.count > 20)
        withExtendedLifetime(stalled) {}
    }

    @Test("Stopping ends watchers, stalled ones too, at once") func stops() throws {
        let filler = String(repeating: "x", count: 500_000)
        let server = try FeedServer { board, turn in
            board.set("big", Data("\"\(filler)\(turn)\"".utf8))
        }
        let stalled = try server.watcher()
        #expect(soon { server.feed.watcherCount == 1 })
        usleep(300_000)
        let began = Date()
        server.stop()
        #expect(-began.timeIntervalSinceNow < 2)
        withExtendedLifetime(stalled) {}
    }

    @Test("Nobody there is not running; a silent bot is timed out") func absentBot() throws {
        #expect(throws: AdminError.notRunning(path: "/nonexistent/a.sock")) {
            try WatchClient.follow(socket: "/nonexistent/a.sock") { _ in true }
        }
    }
}
