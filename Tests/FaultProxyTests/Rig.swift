// Rig.swift — a plain client and server with the proxy between them, turned by the test's thread;
// its time is the test's.
import Core
import Testing

@testable import needletail_faults

final class Rig {
    static let route = "market"
    /// Of a millisecond, when nothing happens.
    private static let mostTurns = 5_000
    private static let wait: Int64 = 1_000_000

    let proxy: FaultProxy
    private let time = ManualTime(monotonic: 1_000_000_000)
    private let listener: Socket

    init(_ script: String = "", seed: UInt64 = 1) throws {
        listener = try Socket.listening(port: 0)
        let settings = try RouteSettings("\(Self.route)=127.0.0.1:\(listener.port)")
        proxy = try FaultProxy([settings], seed: seed, clock: Clock(manual: time)) { _ in }
        proxy.add(try FaultScript(routes: [Self.route]).rules(script, name: "script"))
    }

    /// Milliseconds pass, after all that could happen before.
    func pass(_ milliseconds: Int64) throws {
        try settle()
        time.advance(by: milliseconds * 1_000_000)
        try settle()
    }

    /// A line of the control input; how many connections it met.
    @discardableResult
    func fault(_ line: String) throws -> Int {
        let script = FaultScript(routes: [Self.route], takesNow: true)
        return try proxy.fire(try #require(try script.rule(line)))
    }

    /// A client's plain socket.
    func client() throws -> Peer {
        let port = try #require(proxy.ports[Self.route])
        return Peer(try Socket.connecting(to: .loopback(port)))
    }

    /// The next connection that reaches the server; nil: none came.
    func server() throws -> Peer? {
        var found: Socket?
        try until {
            found = listener.accepted(); return found != nil
        }
        return found.map { Peer($0) }
    }

    /// A client and its connection at the server.
    func pair() throws -> (client: Peer, server: Peer) {
        (try client(), try #require(try server()))
    }

    /// Turns until it is so, or for so long that it will not be.
    @discardableResult
    func until(turns: Int = mostTurns, _ isSo: () throws -> Bool) throws -> Bool {
        for _ in 0..<turns {
            if try isSo() { return true }
            try proxy.turn(atMost: Self.wait)
        }
        return try isSo()
    }

    /// Turns often enough for all that can happen now.
    func settle() throws { try until(turns: 8) { false } }

    func faults(_ word: String) -> Int { proxy.counters.faults[word] ?? 0 }
}

/// One end, as its program would see it.
final class Peer {
    private let socket: Socket
    private var heardBytes: [UInt8] = []
    private var state = Transfer.wouldBlock

    init(_ socket: Socket) { self.socket = socket }

    /// What was heard until now.
    var heard: [UInt8] {
        look()
        return heardBytes
    }

    /// FIN was heard.
    var isEnded: Bool {
        look()
        return state == .end
    }

    /// RST was heard, or the connection was refused.
    var isBroken: Bool {
        look()
        return state == .broken
    }

    var isOpen: Bool { !isEnded && !isBroken }

    /// How many bytes the kernel took.
    @discardableResult
    func say(_ bytes: [UInt8]) -> Int {
        if case .bytes(let count) = socket.write(bytes[...]) { return count }
        return 0
    }

    func say(_ text: String) { say(Array(text.utf8)) }

    var text: String { String(decoding: heard, as: UTF8.self) }

    func finish() { socket.finish() }

    /// RST; the peer must not be used any more.
    func resetOnClose() { socket.resetOnClose() }

    private func look() {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while state == .wouldBlock {
                switch socket.read(into: buffer) {
                case .bytes(let count): heardBytes += buffer.prefix(count)
                case .end: state = .end
                case .broken: state = .broken
                case .wouldBlock: return
                }
            }
        }
    }
}
