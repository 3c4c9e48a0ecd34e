// FeedHub.swift — the newest state of the bot, for any number of browsers.
//
// A browser's stream keeps a cursor into the board and waits for a signal. Signals do not pile up
// (one is remembered), and what a late reader gets is composed when it is ready for it: a stalled
// browser costs one frame, for however long it stalls.
import Bot
import Core
import Foundation
import Synchronization

final class FeedHub: Sendable {
    static let maxStreams = 16

    /// What is there to know about the way to the bot; a section of its own, `link`.
    private struct Link: Encodable {
        var connected: Bool
        var text: String
    }

    private struct State {
        var board = WatchBoard()
        var link = Link(connected: false, text: "waiting for the bot")
        var readers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var nextReader: UInt64 = 0
    }

    private let state = Mutex(State())

    init() { changeLink(false, "waiting for the bot") }

    /// A frame of the bot. Nothing of a malformed one can be trusted: everything is forgotten.
    func take(_ frame: Data) throws(JSONSliceError) {
        do throws(JSONSliceError) {
            try state.withLock { state throws(JSONSliceError) in try state.board.take(frame) }
        } catch {
            state.withLock { $0.board.reset() }
            changeLink(false, "the bot's frames cannot be read; is it of another version?")
            throw error
        }
        changeLink(true, "connected")
    }

    /// The bot cannot be reached; what is known of it stays to be seen, marked as old.
    func lost(_ text: String) { changeLink(false, text) }

    private func changeLink(_ connected: Bool, _ text: String) {
        state.withLock { state in
            state.link = Link(connected: connected, text: text)
            if let text = try? JSONText.encode(state.link) { state.board.set("link", text) }
            for reader in state.readers.values { reader.yield() }
        }
    }

    var isConnected: Bool { state.withLock { $0.link.connected } }

    /// Nil when there are too many readers already.
    func subscribe() -> Reader? {
        state.withLock { state in
            guard state.readers.count < Self.maxStreams else { return nil }
            let id = state.nextReader
            state.nextReader += 1
            let (signals, continuation) = AsyncStream.makeStream(
                of: Void.self, bufferingPolicy: .bufferingNewest(1))
            state.readers[id] = continuation
            return Reader(hub: self, id: id, signals: signals)
        }
    }

    var readerCount: Int { state.withLock { $0.readers.count } }

    fileprivate func frame(since cursor: inout WatchCursor) -> Data? {
        state.withLock { $0.board.frame(since: &cursor) }
    }

    fileprivate func unsubscribe(_ id: UInt64) {
        state.withLock { $0.readers.removeValue(forKey: id) }?.finish()
    }

    /// One browser's place.
    final class Reader: Sendable {
        private let hub: FeedHub
        private let id: UInt64
        /// At most one is remembered.
        let signals: AsyncStream<Void>
        private let cursor = Mutex(WatchCursor())

        fileprivate init(hub: FeedHub, id: UInt64, signals: AsyncStream<Void>) {
            self.hub = hub
            self.id = id
            self.signals = signals
        }

        deinit { hub.unsubscribe(id) }

        /// What changed since the last call; nil when nothing did.
        func next() -> Data? { cursor.withLock { hub.frame(since: &$0) } }
    }
}

/// Follows the bot on a thread of its own, for as long as the process lives.
final class BotLink: Sendable {
    private static let pause = 0.5
    private let hub: FeedHub
    private let socket: String

    init(hub: FeedHub, socket: String) {
        self.hub = hub
        self.socket = socket
    }

    func start() {
        let thread = Thread { [self] in
            while true {
                hub.lost(follow())
                Thread.sleep(forTimeInterval: Self.pause)
            }
        }
        thread.name = "nt-page-link"
        thread.start()
    }

    /// Until the bot goes away. Returns what to tell.
    private func follow() -> String {
        do throws(AdminError) {
            try WatchClient.follow(socket: socket) { frame in
                do throws(JSONSliceError) {
                    try hub.take(frame)
                    return true
                } catch {
                    return false
                }
            }
            return "the bot's frames cannot be read; is it of another version?"
        } catch {
            switch error {
            case .notRunning: return "no bot is running here"
            case .notPermitted(let text), .broken(let text): return text
            case .timedOut: return "the bot is silent"
            }
        }
    }
}
