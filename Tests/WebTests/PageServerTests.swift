// PageServerTests.swift — the whole server on a real socket, with requests written by hand.
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Bot
@testable import needletail_web

/// A running server and what a browser would know of it.
private final class Running: Sendable {
    let port: Int
    let token: String
    let hub: FeedHub
    private let task: Task<Void, any Error>

    private init(port: Int, token: String, hub: FeedHub, task: Task<Void, any Error>) {
        self.port = port
        self.token = token
        self.hub = hub
        self.task = task
    }

    static func start() async -> Running {
        let token = SecretText().text
        let hub = FeedHub()
        let server = PageServer(
            tokens: AccessTokens(token: token) { 1 }, hub: hub,
            desk: ActionDesk(socket: "/nonexistent/admin.sock"), chart: nil)
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            try await WebService(server: server, port: 0).run { bound.yield($0) }
        }
        var iterator = ports.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        return Running(port: port, token: token, hub: hub, task: task)
    }

    func stop() async {
        task.cancel()
        _ = try? await task.value
    }

    var host: String { "127.0.0.1:\(port)" }

    /// Sends the text as it is; reads until the server closes, or `end` was said.
    func raw(_ text: String, until end: String? = nil) async -> Reply {
        let port = port
        return await aside { Reply(talk(port, text, until: end)) }
    }

    func ask(
        _ method: String, _ path: String, host: String? = nil, _ headers: [String: String] = [:],
        body: String = ""
    ) async -> Reply {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host ?? self.host)"]
        lines += ["Connection: close"] + headers.map { "\($0.key): \($0.value)" }
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        return await raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    func events(_ browser: [String: String]) -> String {
        "GET /events HTTP/1.1\r\nHost: \(host)\r\nCookie: \(browser["Cookie"] ?? "")\r\n\r\n"
    }

    /// Lets a browser in: its cookie and its action token.
    func enter() async throws -> [String: String] {
        let reply = await ask("GET", "/?token=\(token)")
        #expect(reply.status == 303)
        let cookie = try #require(reply.header("Set-Cookie")?.split(separator: ";").first)
        let session = await ask("GET", "/session", ["Cookie": String(cookie)])
        let fields = try #require(
            try JSONSerialization.jsonObject(with: Data(session.body.utf8)) as? [String: Any])
        return [
            "Cookie": String(cookie), "Origin": "http://\(host)",
            "X-Needletail-Token": fields["action_token"] as? String ?? "",
            "Content-Type": "application/json",
        ]
    }
}

/// Runs what blocks on a thread of its own: the pool of tasks is small and the server needs it.
private func aside<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}

private func talk(_ port: Int, _ text: String, until end: String?) -> String {
    let descriptor = connected(port)
    defer { close(descriptor) }
    say(text, descriptor)
    return String(decoding: hear(descriptor, until: end), as: UTF8.self)
}

private func say(_ text: String, _ descriptor: Int32) {
    _ = text.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
}

/// Everything until the other end closes, is silent for a minute, or has said `end`.
private func hear(_ descriptor: Int32, until end: String?) -> [UInt8] {
    var time = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
        descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return received }
        received += buffer[..<count]
        let tail = String(decoding: received.suffix(count + 100), as: UTF8.self)
        if let end, tail.contains(end) { return received }
    }
}

/// `room`: bytes that the kernel keeps for a reader; nil = as it likes.
private func connected(_ port: Int, room: Int32? = nil) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var room {
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, size)
        }
    }
    #expect(status == 0)
    return descriptor
}

private struct Reply: Sendable {
    let text: String
    init(_ text: String) { self.text = text }
    var status: Int { Int(text.dropFirst(9).prefix(3)) ?? 0 }
    var body: String { text.components(separatedBy: "\r\n\r\n").dropFirst().joined() }
    func header(_ name: String) -> String? {
        let head = text.components(separatedBy: "\r\n\r\n").first ?? ""
        return head.components(separatedBy: "\r\n").first {
            $0.lowercased().hasPrefix(name.lowercased() + ":")
        }.map { String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces) }
    }
}

private let everything = [
    "/", "/page.css", "/page.js", "/chart.js", "/theme.js", "/session", "/events",
    "/lightweight-charts.js", "/lightweight-charts-licence.txt", "/nothing", "/action",
]

@Suite("Page server", .serialized) struct PageServerTests {
    @Test("The token becomes a cookie, once; the page follows") func exchange() async throws {
        let server = await Running.start()
        let reply = await server.ask("GET", "/?token=\(server.token)")
        #expect(reply.status == 303 && reply.header("Location") == "/")
        let cookie = try #require(reply.header("Set-Cookie"))
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
        let again = await server.ask("GET", "/?token=\(server.token)")
        #expect(again.status == 403 && again.body.contains("used already"))
        let wrong = await server.ask("GET", "/?token=abc")
        #expect(wrong.status == 403 && wrong.header("Set-Cookie") == nil)
        let page = await server.ask("GET", "/", ["Cookie": cookie])
        #expect(page.status == 200 && page.body.contains("<title>Needletail</title>"))
        await server.stop()
    }

    @Test("Without the cookie every path is 401 in clear words") func needsCookie() async {
        let server = await Running.start()
        for path in everything {
            for headers in [[:], ["Cookie": "needletail_\(server.port)=\(SecretText().text)"]] {
                let reply = await server.ask("GET", path, headers)
                #expect(reply.status == 401, "\(path)")
                #expect(reply.body.contains("needletail-web printed"))
            }
        }
        await server.stop()
    }

    @Test("Every answer carries the strict headers") func headers() async throws {
        let server = await Running.start()
        let browser = try await server.enter()
        for path in everything where path != "/events" {
            for headers in [browser, [:]] {
                let reply = await server.ask("GET", path, headers)
                #expect(reply.header("Content-Security-Policy") == SafeHeaders.policy, "\(path)")
                #expect(reply.header("X-Content-Type-Options") == "nosniff")
                #expect(reply.header("Referrer-Policy") == "no-referrer")
                #expect(reply.header("Cache-Control") == "no-store")
            }
        }
        await server.stop()
    }

    @Test("A foreign host name is refused before anything else") func rebinding() async throws {
        let server = await Running.start()
        let browser = try await server.enter()
        for host in ["evil.example", "evil.example:\(server.port)", "127.0.0.1:1", "localhost"] {
            let reply = await server.ask("GET", "/", host: host, browser)
            #expect(reply.status == 403, "\(host)")
        }
        let token = await server.ask("GET", "/?token=x", host: "evil.example")
        #expect(token.status == 403 && token.body.contains("answers to"))
        await server.stop()
    }

    @Test("An action needs method, origin, token, type, size and sense") func actions() async throws
    {
        let server = await Running.start()
        let good = try await server.enter()
        let body = #"{"action":"halt"}"#
        func act(_ change: [String: String?], _ body: String) async -> Int {
            var headers = good
            for (name, value) in change { headers[name] = value }
            return await server.ask("POST", "/action", headers, body: body).status
        }
        // No bot runs: the request itself was in order.
        #expect(await act([:], body) == 503)
        #expect(await act(["Cookie": nil], body) == 401)
        #expect(await act(["Origin": nil], body) == 403)
        #expect(await act(["Origin": "http://evil.example"], body) == 403)
        #expect(await act(["Sec-Fetch-Site": "cross-site"], body) == 403)
        #expect(await act(["X-Needletail-Token": nil], body) == 403)
        #expect(await act(["X-Needletail-Token": "guess"], body) == 403)
        #expect(await act(["Content-Type": "text/plain"], body) == 415)
        #expect(await act([:], "{") == 400)
        #expect(await act([:], #"{"action":"place"}"#) == 400)
        #expect(await act([:], String(repeating: "x", count: 5000)) == 413)
        let get = await server.ask("GET", "/action", good)
        #expect(get.status == 405 && get.header("Allow") == "POST")
        await server.stop()
    }

    @Test("A body without a length is cut off at its limit") func chunkedBody() async throws {
        let server = await Running.start()
        var headers = try await server.enter()
        headers["Transfer-Encoding"] = "chunked"
        let chunk = "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n"
        let head = headers.map { "\($0.key): \($0.value)" }.joined(separator: "\r\n")
        let reply = await server.raw(
            "POST /action HTTP/1.1\r\nHost: \(server.host)\r\n\(head)\r\n\r\n"
                + chunk + chunk + "0\r\n\r\n", until: "bytes.\n")
        #expect(reply.status == 413)
        await server.stop()
    }

    @Test("Wrong methods, paths and lengths have their own statuses") func malformed() async throws
    {
        let server = await Running.start()
        let browser = try await server.enter()
        #expect(await server.ask("POST", "/", browser).status == 405)
        #expect(await server.ask("DELETE", "/session", browser).status == 405)
        #expect(await server.ask("POST", "/?token=x", [:]).status == 405)
        #expect(await server.ask("GET", "/nothing", browser).status == 404)
        #expect(await server.ask("GET", "/../etc/passwd", browser).status == 404)
        #expect(await server.ask("GET", "/lightweight-charts.js", browser).status == 404)
        let long = "/" + String(repeating: "a", count: 4000)
        #expect(await server.ask("GET", long, browser).status == 414)
        let fat = await server.ask(
            "GET", "/", ["X-Fat": String(repeating: "a", count: 20_000)])
        #expect([400, 431].contains(fat.status))
        #expect(await server.raw("NONSENSE\r\n\r\n").status == 400)
        await server.stop()
    }

    @Test("Events stream frames; one too many streams is 429") func events() async throws {
        let server = await Running.start()
        let browser = try await server.enter()
        try server.hub.take(Data(#"{"reset":true,"sections":{"n":1},"series":{}}"#.utf8))
        let reply = await server.raw(server.events(browser), until: "\"n\":1")
        #expect(reply.status == 200)
        #expect(reply.header("Content-Type") == "text/event-stream")
        #expect(reply.body.contains("data: {\"reset\":true"))
        let places = (0..<FeedHub.maxStreams + 2).compactMap { _ in server.hub.subscribe() }
        let full = await server.ask("GET", "/events", browser)
        #expect(full.status == 429)
        withExtendedLifetime(places) {}
        await server.stop()
    }

    @Test("A browser that stalls costs a few frames, and then sees the newest")
    func stalledBrowser() async throws {
        let server = await Running.start()
        let browser = try await server.enter()
        let request = server.events(browser)
        let filler = String(repeating: "x", count: 100_000)
        let (port, hub) = (server.port, server.hub)
        let heard = await aside {
            let descriptor = connected(port, room: 65_536)
            defer { close(descriptor) }
            say(request, descriptor)
            // Slow enough that each of these frames would be sent if it were read.
            for number in 1...200 {
                try? hub.take(Data(#"{"sections":{"n":"\#(filler)#\#(number)."}}"#.utf8))
                usleep(2000)
            }
            return hear(descriptor, until: "#200.")
        }
        let pushed = 200 * filler.utf8.count
        #expect(String(decoding: heard.suffix(200), as: UTF8.self).contains("#200."))
        #expect(heard.count < pushed / 2, "\(heard.count) of \(pushed) bytes")
        await server.stop()
    }
}
