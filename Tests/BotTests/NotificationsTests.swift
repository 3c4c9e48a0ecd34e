// NotificationsTests.swift — messages to people over real HTTPS to a server of the test, which
// fails as told.
import Core
import Foundation
import Simulator
import Synchronization
import Testing

@testable import Bot

/// Records what arrives; answers with the statuses of the script, then with 200.
private final class Inbox: ServerHandler {
    private struct Content {
        var script: [Int]
        var requests: [ServerRequest] = []
    }

    private let content: Mutex<Content>

    init(_ script: [Int] = []) { content = Mutex(Content(script: script)) }

    var requests: [ServerRequest] { content.withLock { $0.requests } }
    var texts: [String] {
        requests.map { request in
            let object = try? JSONSerialization.jsonObject(with: Data(request.body))
            return (object as? [String: Any])?["text"] as? String ?? ""
        }
    }

    func reply(to request: ServerRequest, on server: Server.Connection) -> ServerReply {
        content.withLock { content in
            content.requests.append(request)
            let status = content.script.isEmpty ? 200 : content.script.removeFirst()
            return ServerReply(status: status, body: Array("{}".utf8))
        }
    }

    func opened(
        _ peer: Peer, path: String, query: String, on server: Server.Connection
    ) -> Bool { false }
    func received(_ bytes: [UInt8], from peer: Peer, on server: Server.Connection) {}
    func closed(_ peer: Peer, on server: Server.Connection) {}
    func tick(now: Int64, on server: Server.Connection) {}
}

/// An HTTPS server with an inbox, and a channel that tells it.
private final class Post {
    let folder: TemporaryFolder
    let inbox: Inbox
    let server: Server
    let targets: NotifyTargets
    static let token = "12345:canary-token_x"
    static let path = "/hooks/canary-path"

    init(_ script: [Int] = [], perMinute: Int64 = 600, isTelegram: Bool = false) throws {
        folder = try TemporaryFolder()
        inbox = Inbox(script)
        try Server.makeCertificates(in: folder.path)
        var configuration = Server.Configuration()
        configuration.certificate = (folder.path + "/server.pem", folder.path + "/server.key")
        server = try Server(configuration, handler: inbox)
        let origin = "https://127.0.0.1:\(server.port)"
        var targets = NotifyTargets()
        targets.settings.perMinute = perMinute
        targets.caFile = folder.path + "/ca.pem"
        targets.pace = NotifyPace(
            first: 0.02, longest: 0.1, tries: 4, timeoutMilliseconds: 2_000)
        if isTelegram {
            targets.telegramToken = Secret(Self.token)
            targets.telegramChat = "-100200"
            targets.telegramServer = origin
        } else {
            targets.webhook = Secret(origin + Self.path)
        }
        self.targets = targets
    }

    deinit { server.stop() }

    func channel() throws -> NotifyChannel {
        let channels = try targets.channels(clock: .system, clean: { $0 })
        return try #require(channels.first)
    }
}

private func message(
    _ number: UInt64, _ kind: NotifyMessage.Kind = .fill, _ text: String? = nil
) -> NotifyMessage {
    NotifyMessage(
        number: number, kind: kind, time: 0, symbol: "BTCUSDT", text: text ?? "\(number)")
}

private func eventually(_ seconds: Double = 10, _ isSo: () -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while Date() < deadline {
        if isSo() { return true }
        Thread.sleep(forTimeInterval: 0.01)
    }
    return isSo()
}

@Suite("Notifications: channels", .serialized) struct NotificationsChannelTests {
    @Test("A webhook gets JSON, and again until it takes it") func webhook() throws {
        let post = try Post([500, 503])
        let channel = try post.channel()
        channel.start()
        channel.tell(message(7, .halt, "HALTED: the account: test"))
        #expect(eventually { channel.document.delivered == 1 })
        channel.beginStop()
        #expect(channel.awaitStop(seconds: 5))
        #expect(post.inbox.requests.count == 3)
        let request = try #require(post.inbox.requests.last)
        #expect(request.method == "POST" && request.path == Post.path)
        let object = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        #expect(object?["app"] as? String == "needletail")
        #expect(object?["id"] as? Int == 7)
        #expect(object?["kind"] as? String == "halt")
        #expect(object?["time"] as? String == "1970-01-01T00:00:00.000Z")
        #expect(channel.document.problem == nil)
    }

    @Test("Telegram gets sendMessage") func telegram() throws {
        let post = try Post(isTelegram: true)
        let channel = try post.channel()
        channel.start()
        channel.tell(message(1, .stale, "no market data"))
        #expect(eventually { channel.document.delivered == 1 })
        channel.beginStop()
        #expect(channel.awaitStop(seconds: 5))
        let request = try #require(post.inbox.requests.first)
        #expect(request.path == "/bot\(Post.token)/sendMessage")
        let object = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        #expect(object?["chat_id"] as? String == "-100200")
        #expect(object?["text"] as? String == "needletail: no market data")
    }

    @Test("Gives up after so many tries and says so without the address") func givesUp() throws {
        let post = try Post([500, 500, 500, 500, 404])
        let channel = try post.channel()
        channel.start()
        channel.tell(message(1))
        #expect(eventually { channel.document.lost == 1 })
        #expect(channel.document.problem == "HTTP 500; given up")
        channel.tell(message(2))
        #expect(eventually { channel.document.lost == 2 })
        #expect(channel.document.problem == "HTTP 404: check NOTIFY_WEBHOOK_URL; given up")
        channel.tell(message(3))
        #expect(eventually { channel.document.delivered == 1 })
        #expect(channel.document.problem == nil)
        channel.beginStop()
        #expect(channel.awaitStop(seconds: 5))
        #expect(post.inbox.requests.count == 6)
    }

    @Test("What is unreachable names no secret", arguments: [true, false])
    func unreachable(_ isTelegram: Bool) throws {
        let post = try Post(isTelegram: isTelegram)
        post.server.stop()
        let channel = try post.channel()
        channel.start()
        channel.tell(message(1))
        #expect(eventually { channel.document.lost == 1 })
        let problem = try #require(channel.document.problem)
        #expect(!problem.contains("canary"))
        channel.beginStop()
        #expect(channel.awaitStop(seconds: 5))
    }

    @Test("A flood becomes few messages that tell of all of it") func flood() throws {
        let post = try Post(perMinute: 2)
        let channel = try post.channel()
        for number in 1...13 { channel.tell(message(UInt64(number))) }
        channel.tell(message(14, .halt, "HALTED"))
        channel.start()
        #expect(eventually { channel.document.delivered == 14 })
        channel.beginStop()
        #expect(channel.awaitStop(seconds: 5))
        #expect(post.inbox.texts == ["HALTED", "1\nand 12 more (12 fills)"])
    }

    @Test("Telling never waits for a channel that does not answer") func neverWaits() throws {
        let post = try Post([500, 500, 500, 500])
        let channel = try post.channel()
        channel.start()
        // None of them is ever delivered: had telling waited for that, it would not come back.
        for number in 1...2000 { channel.tell(message(UInt64(number))) }
        #expect(channel.document.delivered == 0)
        #expect(channel.document.waiting <= 501)
        channel.beginStop()
        #expect(channel.awaitStop(seconds: 8))
    }
}

@Suite("Notifications: what and when") struct NotificationsTests {
    @Test("Urgent ones go first and are kept") func queue() {
        var queue = NotifyQueue(capacity: 3)
        for number in 1...3 { queue.add(message(UInt64(number))) }
        queue.add(message(4, .halt))
        #expect(queue.waiting.map(\.number) == [4, 2, 3])
        #expect(queue.dropped == 1)
        #expect(queue.next(sparing: false)?.number == 4)
        #expect(queue.next(sparing: true)?.count == 2)
        #expect(queue.next(sparing: true) == nil)
    }

    @Test("A bucket gives a few at once, then so many a minute") func bucket() {
        var bucket = TokenBucket(perMinute: 60, now: 0)
        #expect(bucket.available(0) == 5)
        for _ in 0..<5 { bucket.take() }
        #expect(bucket.available(900_000_000) == 0)
        #expect(bucket.available(1_100_000_000) == 1)
        #expect(bucket.available(3_600_000_000_000) == 5)
    }

    @Test("Stale data are told once, and when they are over") func stale() {
        var settings = NotifySettings()
        settings.staleSeconds = 30
        let second: Int64 = 1_000_000_000
        var watch = NotifyWatch(settings, started: 0)
        #expect(watch.look([], lastData: [0], now: 29 * second).isEmpty)
        #expect(
            watch.look([], lastData: [0], now: 31 * second) == [.stale(slot: 0, seconds: 31)])
        #expect(watch.look([], lastData: [0], now: 99 * second).isEmpty)
        #expect(
            watch.look([], lastData: [100 * second], now: 101 * second) == [.fresh(slot: 0)])
    }

    @Test(
        "Addresses are checked",
        arguments: [
            "example.org", "http://example.org/x", "https://user:pass@example.org", "ftp://a/b",
        ])
    func addresses(_ text: String) {
        var targets = NotifyTargets()
        targets.webhook = Secret(text)
        #expect(throws: BotError.self) { try targets.channels(clock: .system, clean: { $0 }) }
    }

    @Test("Telegram needs both of its two") func telegramNeedsBoth() throws {
        #expect(throws: BotError.self) {
            try NotifyTargets.read(
                NotifySettings(), environment: ["TELEGRAM_CHAT_ID": "1"], envFile: nil)
        }
        let targets = try NotifyTargets.read(
            NotifySettings(),
            environment: ["TELEGRAM_CHAT_ID": "1", "TELEGRAM_BOT_TOKEN": "2:x"], envFile: nil)
        let channels = try targets.channels(clock: .system, clean: { $0 })
        #expect(channels.map(\.form.name) == ["telegram"])
    }
}

@Suite("Notifications: from the lane to the person", .serialized) struct NotifiedTests {
    @Test("A fill, a halt and data that stay away arrive as messages") func arrives() throws {
        let post = try Post()
        var targets = post.targets
        targets.settings.staleSeconds = 1
        let bot = try OperatedBot(notify: targets)
        defer { bot.end() }
        #expect(bot.waitForFills(1))
        #expect(eventually(20) { post.inbox.texts.contains { $0.contains("fill: BTCUSDT") } })
        #expect(bot.session.handle(AdminRequest("halt", ["reason": "by test"])).exit == 0)
        #expect(
            eventually(20) {
                post.inbox.texts.contains { $0.contains("HALTED: the account: operator: by test") }
            })
        bot.simulator.stop()
        #expect(
            eventually(20) {
                post.inbox.texts.contains { $0.contains("BTCUSDT: no market data for 1 s") }
            })
        // Counted once the answer is here; several pieces of news may share a message.
        #expect(
            eventually(20) {
                let channel = bot.session.statusDocument().notifications?.first
                return channel?.channel == "webhook"
                    && channel.map { Int($0.delivered) } == post.inbox.texts.count
            })
    }
}
