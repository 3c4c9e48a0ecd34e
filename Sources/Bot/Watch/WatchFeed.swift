// WatchFeed.swift — pushes the bot's state to those who asked to watch, at most ten times a second.
//
// One thread paints the board; each watcher has a thread of its own that sends what is new for it
// and waits. A watcher that reads slowly is sent less often, and then the newest; one that reads
// nothing for `patience` seconds is dropped. Nobody here is waited for by the bot.
import Foundation
import Glibc
import Synchronization

final class WatchFeed: @unchecked Sendable {
    /// Writes what changed into the board; `turn` counts tenths of a second. Called by one thread.
    typealias Painter = @Sendable (inout WatchBoard, _ turn: UInt64) -> Void

    static let maxWatchers = 8
    /// Seconds a watcher has to take a frame.
    static let patience = 5
    static let interval = 0.1
    /// Without watchers only the history is kept, and once a second is enough for it.
    private static let turnsUnwatched: UInt64 = 10

    private let painter: Painter
    private let board = Mutex(WatchBoard())
    // Guards what follows; told of every news.
    private let condition = NSCondition()
    private var isStopping = false
    private var isPainting = false
    private var watchers: [ObjectIdentifier: Watcher] = [:]

    init(_ painter: @escaping Painter) { self.painter = painter }

    func start() {
        condition.withLock { isPainting = true }
        let thread = Thread { [self] in
            paint()
            condition.withLock {
                isPainting = false
                condition.broadcast()
            }
        }
        thread.name = "nt-watch"
        thread.start()
    }

    /// Ends all watchers; the painter is not called any more when this returns.
    func stop() {
        condition.withLock {
            isStopping = true
            // A sender that waits for its reader wakes up to a closed connection.
            for watcher in watchers.values { watcher.cut() }
            condition.broadcast()
            while isPainting || !watchers.isEmpty { condition.wait() }
        }
    }

    /// Takes the connection over. Returns why not, if it is refused.
    func adopt(_ socket: UnixSocket) -> String? {
        let watcher = Watcher(socket)
        let refusal: String? = condition.withLock {
            if isStopping { return "the bot is stopping" }
            guard watchers.count < Self.maxWatchers else {
                return "there are \(Self.maxWatchers) watchers already; close one"
            }
            watchers[ObjectIdentifier(watcher)] = watcher
            return nil
        }
        guard refusal == nil else { return refusal }
        let thread = Thread { [self] in
            serve(watcher)
            condition.withLock {
                watchers[ObjectIdentifier(watcher)] = nil
                condition.broadcast()
            }
        }
        thread.name = "nt-watcher"
        thread.start()
        return nil
    }

    var watcherCount: Int { condition.withLock { watchers.count } }

    private func paint() {
        var turn: UInt64 = 0
        while !condition.withLock({ isStopping }) {
            if turn % Self.turnsUnwatched == 0 || watcherCount > 0 {
                board.withLock { painter(&$0, turn) }
                condition.withLock { condition.broadcast() }
            }
            turn &+= 1
            Thread.sleep(forTimeInterval: Self.interval)
        }
    }

    private func serve(_ watcher: Watcher) {
        var cursor = WatchCursor()
        let hello = (try? JSONText.encode(AdminReply.document([String: String]()))) ?? Data()
        guard watcher.send(hello) else { return }
        while waitForNews(cursor) {
            let frame = board.withLock { $0.frame(since: &cursor) }
            // An empty frame now and then finds a reader that went away.
            guard watcher.send(frame ?? Data("{}".utf8)) else { return }
        }
    }

    /// Until there is news, at most a second. False: the feed ends.
    private func waitForNews(_ cursor: WatchCursor) -> Bool {
        let end = Date(timeIntervalSinceNow: 1)
        return condition.withLock {
            while !isStopping, !board.withLock({ $0.hasNews(since: cursor) }) {
                if !condition.wait(until: end) { break }
            }
            return !isStopping
        }
    }
}

/// One connection; its thread sends, any thread may cut it.
private final class Watcher: @unchecked Sendable {
    private let socket: UnixSocket

    init(_ socket: UnixSocket) { self.socket = socket }

    /// False when the reader is gone, or too slow.
    func send(_ frame: Data) -> Bool {
        socket.setTimeout(seconds: WatchFeed.patience)
        do throws(AdminError) {
            try socket.sendFrame(frame)
            return true
        } catch {
            return false
        }
    }

    func cut() { shutdown(socket.descriptor, Int32(SHUT_RDWR)) }
}
