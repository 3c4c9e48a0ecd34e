// AdminServerTests.swift — the admin socket with kind, clumsy and hostile clients.
//
// The network is the subject here: the tests use real sockets in a folder of their own.
import Core
import Foundation
import Testing

@testable import Bot

/// A server that echoes, and the folder it lives in.
private final class EchoServer {
    let path: String
    private let folder: TemporaryFolder
    private let server: AdminServer

    init(_ handler: @escaping AdminServer.Handler = { EchoServer.echo($0) }) throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/admin.sock"
        server = try AdminServer(path: path, handler: handler)
        server.start()
    }

    deinit { server.stop() }

    static func echo(_ request: AdminRequest) -> AdminReply { .document(request.arguments) }

    func ask(_ arguments: [String: String] = [:], timeout: Int = 10) throws -> [String: String] {
        let reply = try AdminClient.perform(
            AdminRequest("echo", arguments), socket: path, timeout: timeout)
        return try JSONText.decode([String: String].self, reply.document)
    }

    /// What the server answers to raw bytes; the client stays connected until then.
    func answer(toBytes bytes: Data) throws -> AdminReply {
        let client = try UnixSocket.connect(path: path, timeout: 10)
        let count = bytes.withUnsafeBytes {
            send(client.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        #expect(count == bytes.count)
        shutdown(client.descriptor, Int32(SHUT_WR))
        return try JSONText.decode(AdminReply.self, try client.receiveFrame())
    }
}

/// A frame as the protocol has it, with any length in its head.
private func frame(_ body: some Sequence<UInt8>, claimed: UInt32? = nil) -> Data {
    let body = Data(body)
    let length = claimed ?? UInt32(body.count)
    return Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }) + body
}

@Suite("Admin socket") struct AdminServerTests {
    @Test("A request comes back as its answer") func roundTrip() throws {
        let server = try EchoServer()
        let arguments = [
            "a": "1", "text": "ü\"\\\n\u{0}", "long": String(repeating: "x", count: 9000),
        ]
        #expect(try server.ask(arguments) == arguments)
        #expect(try server.ask() == [:])
    }

    @Test("Its file belongs to its owner alone, and goes with it") func ownersOnly() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/admin.sock"
        let server = try AdminServer(path: path) { EchoServer.echo($0) }
        #expect(folder.mode("admin.sock") == 0o600)
        server.start()
        server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Takes the place of a dead bot's socket") func replacesDead() throws {
        let folder = try TemporaryFolder()
        let path = folder.write("admin.sock", [])
        let server = try AdminServer(path: path) { EchoServer.echo($0) }
        server.start()
        defer { server.stop() }
        let reply = try AdminClient.perform(AdminRequest("echo"), socket: path)
        #expect(reply.exit == 0)
    }

    @Test("The kernel names the user at the other end") func peer() throws {
        let folder = try TemporaryFolder()
        let listener = try UnixSocket.listen(path: "\(folder.path)/s")
        let client = try UnixSocket.connect(path: "\(folder.path)/s", timeout: 1)
        let accepted = try #require(listener.accept(milliseconds: 1000))
        #expect(accepted.peerUser == geteuid())
        #expect(client.peerUser == geteuid())
    }

    @Test(
        "Garbage is answered, not obeyed",
        arguments: [
            frame("nonsense".utf8), frame([]), frame("{}".utf8), frame("[1,2".utf8),
            frame("{\"command\":3,\"arguments\":{}}".utf8), frame([0xFF, 0xFE, 0x00]),
            frame(String(repeating: "[", count: 100_000).utf8),
        ])
    func garbage(bytes: Data) throws {
        let server = try EchoServer()
        let reply = try server.answer(toBytes: bytes)
        #expect(reply.exit == 2)
        #expect(reply.error == "not a request of this protocol")
        #expect(try server.ask(["still": "here"]) == ["still": "here"])
    }

    @Test(
        "A frame that is cut off or too long is refused",
        arguments: [
            Data([0, 0]), frame("{".utf8, claimed: 100), frame("".utf8, claimed: 1 << 20 | 1),
            frame("x".utf8, claimed: .max),
        ])
    func notWhole(bytes: Data) throws {
        let server = try EchoServer()
        let reply = try server.answer(toBytes: bytes)
        #expect(reply.exit == 2)
        #expect(reply.error == "the request did not arrive whole")
        #expect(try server.ask(["still": "here"]) == ["still": "here"])
    }

    @Test("The client too refuses a frame that is too long") func clientRefuses() throws {
        let folder = try TemporaryFolder()
        let listener = try UnixSocket.listen(path: "\(folder.path)/s")
        let client = try UnixSocket.connect(path: "\(folder.path)/s", timeout: 1)
        let far = try #require(listener.accept(milliseconds: 1000))
        #expect(throws: AdminError.self) { try far.sendFrame(Data(count: 1 << 20 | 1)) }
        let head = frame([], claimed: 1 << 30)
        head.withUnsafeBytes { _ = send(far.descriptor, $0.baseAddress, 4, 0) }
        #expect(throws: AdminError.broken("a frame longer than 1 MiB")) {
            try client.receiveFrame()
        }
    }

    @Test("An answer that is too long says so") func longAnswer() throws {
        let server = try EchoServer { _ in
            .document(["text": String(repeating: "x", count: 2 << 20)])
        }
        let reply = try AdminClient.perform(AdminRequest("long"), socket: server.path)
        #expect(reply.exit == 1)
        #expect(reply.error?.contains("--last") == true)
    }

    @Test("A halt is answered while another command still waits for its proof")
    func haltGoesFirst() throws {
        let proof = DispatchSemaphore(value: 0)
        let server = try EchoServer { request in
            if request.command == "cancel" { proof.wait() }
            return .document(["text": request.command])
        }
        let waiting = try UnixSocket.connect(path: server.path, timeout: 10)
        try waiting.sendFrame(try JSONText.encode(AdminRequest("cancel")))
        let halt = try? AdminClient.perform(AdminRequest("halt"), socket: server.path, timeout: 5)
        proof.signal()
        #expect(halt?.exit == 0)
        let reply = try JSONText.decode(AdminReply.self, try waiting.receiveFrame())
        #expect(reply.exit == 0)
    }

    @Test("A client more than there is room for waits until one has left") func full() throws {
        let server = try EchoServer()
        let silent = try (0..<AdminServer.maxClients).map { _ in
            try UnixSocket.connect(path: server.path, timeout: 10)
        }
        #expect(try server.ask(["a": "b"]) == ["a": "b"])
        for client in silent {
            #expect(try refusalOfWaiting(client).contains("did not arrive whole"))
        }
    }

    @Test("Ends before it began") func neverStarted() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/admin.sock"
        try AdminServer(path: path) { EchoServer.echo($0) }.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    // These look at what became of the slow client, not at a watch.

    @Test("A client has two seconds, in each direction") func limit() {
        #expect(AdminServer.clientSeconds == 2)
    }

    @Test("A silent client is told and let go, and holds nobody up")
    func silentClient() throws {
        let server = try EchoServer()
        let silent = try UnixSocket.connect(path: server.path, timeout: 10)
        #expect(try server.ask(["a": "b"]) == ["a": "b"])
        #expect(try refusalOfWaiting(silent).contains("did not arrive whole"))
    }

    @Test("A client that sends a byte now and then gets no more time")
    func drippingClient() throws {
        let server = try EchoServer()
        let slow = try UnixSocket.connect(path: server.path, timeout: 30)
        // At this pace the whole takes half a minute, longer than the other client waits.
        let bytes = frame(String(repeating: "x", count: 100).utf8)
        let descriptor = slow.descriptor
        let thread = Thread {
            for byte in bytes {
                var byte = byte
                guard send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else {
                    return
                }
                Thread.sleep(forTimeInterval: 0.3)
            }
        }
        thread.start()
        #expect(try server.ask(["a": "b"]) == ["a": "b"])
        #expect(try refusalOfWaiting(slow).contains("did not arrive whole"))
    }

    @Test("A client that does not take its answer is cut off, and holds nobody up")
    func deafClient() throws {
        let server = try EchoServer { request in
            // More than the kernel holds for a reader, less than the longest answer (in base64).
            let size = request.command == "long" ? 600 << 10 : 1
            return .document(["text": String(repeating: "x", count: size)])
        }
        let deaf = try UnixSocket.connect(path: server.path, timeout: 10)
        try deaf.sendFrame(try JSONText.encode(AdminRequest("long")))
        _ = try AdminClient.perform(AdminRequest("short"), socket: server.path)
        // Deaf until the other end is closed: who reads before gets the answer.
        var closed = pollfd(fd: deaf.descriptor, events: 0, revents: 0)
        #expect(poll(&closed, 1, 20_000) == 1)
        #expect(throws: AdminError.broken("the other end closed the connection")) {
            try deaf.receiveFrame()
        }
    }

    /// What the server told a client that it waited for in vain.
    private func refusalOfWaiting(_ client: UnixSocket) throws -> String {
        let reply = try JSONText.decode(AdminReply.self, try client.receiveFrame())
        #expect(reply.exit == 2)
        return reply.error ?? ""
    }

    @Test("Nobody there is \"not running\"") func nobodyThere() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/none"
        #expect(throws: AdminError.notRunning(path: path)) {
            try AdminClient.perform(AdminRequest("status"), socket: path)
        }
        let dead = folder.write("dead", [])
        #expect(throws: AdminError.notRunning(path: dead)) {
            try AdminClient.perform(AdminRequest("status"), socket: dead)
        }
    }

    @Test("An answer that does not come is \"timed out\"") func timesOut() throws {
        let folder = try TemporaryFolder()
        let listener = try UnixSocket.listen(path: "\(folder.path)/s")
        #expect(throws: AdminError.timedOut) {
            try AdminClient.perform(AdminRequest("x"), socket: "\(folder.path)/s", timeout: 1)
        }
        withExtendedLifetime(listener) {}
    }

    @Test("A path that no socket can have says how to mend it") func longPath() throws {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        do throws(AdminError) {
            _ = try UnixSocket.listen(path: path)
            Issue.record("must be refused")
        } catch {
            #expect("\(error)".contains("use a shorter data_dir"))
        }
    }
}
