// AdminFuzzTests.swift — the admin protocol changed by a seed, on both ends of the socket: a
// typed error or a message, never a trap, and a server that answers the next one.
import Core
import Foundation
import Glibc
import TestKit
import Testing

@testable import Bot

@Suite("Admin protocol by a seed") struct AdminFuzzTests {
    private static let rounds = 3000

    private static func framed(_ body: Data) -> [UInt8] {
        withUnsafeBytes(of: UInt32(body.count).bigEndian) { Array($0) } + Array(body)
    }

    private static func samples() throws -> [[UInt8]] {
        [
            framed(try JSONText.encode(AdminRequest("limits", ["set": "max_order", "to": "0.5"]))),
            framed(try JSONText.encode(AdminRequest("status"))),
            framed(
                try JSONText.encode(
                    AdminReply(exit: 3, error: "no", document: Data("{\"a\":1}".utf8)))),
        ]
    }

    /// What one end makes of bytes that the other end wrote before it left. Nil: a typed error.
    private func receive(_ bytes: [UInt8]) throws -> Data? {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let (near, far) = (UnixSocket(descriptor: pair[0]), UnixSocket(descriptor: pair[1]))
        near.setTimeout(seconds: 30)
        #expect(send(far.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        shutdown(far.descriptor, Int32(SHUT_WR))
        do throws(AdminError) {
            return try near.receiveFrame()
        } catch {
            return nil
        }
    }

    @Test("Changed frames are refused or read to their length") func changed() throws {
        let samples = try Self.samples()
        var mutator = Mutator(seed: 13)
        for _ in 0..<Self.rounds {
            let bytes = mutator.mutate(samples[mutator.below(samples.count)])
            guard let body = try receive(bytes) else { continue }
            let claimed = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            #expect(
                body.count == claimed && Array(body) == Array(bytes.dropFirst(4).prefix(claimed)))
            _ = try? JSONText.decode(AdminRequest.self, body)
            _ = try? JSONText.decode(AdminReply.self, body)
        }
    }

    @Test("A frame cut at any byte is refused") func cut() throws {
        for sample in try Self.samples() {
            for length in 0..<sample.count {
                #expect(try receive(Array(sample.prefix(length))) == nil)
            }
        }
    }

    @Test("The server answers a good request after any bad one") func server() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/admin.sock"
        let server = try AdminServer(path: path) { .document($0.arguments) }
        server.start()
        defer { server.stop() }
        let samples = try Self.samples()
        var mutator = Mutator(seed: 17)
        for _ in 0..<100 {
            let bytes = mutator.mutate(samples[mutator.below(2)])
            let client = try UnixSocket.connect(path: path, timeout: 30)
            _ = send(client.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            shutdown(client.descriptor, Int32(SHUT_WR))
            _ = try? client.receiveFrame()
        }
        let reply = try AdminClient.perform(
            AdminRequest("echo", ["a": "b"]), socket: path, timeout: 30)
        #expect(try JSONText.decode([String: String].self, reply.document) == ["a": "b"])
    }
}
