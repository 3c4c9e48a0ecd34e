// FaultProxyTests.swift — each fault as a plain client and a plain server see it.
import Core
import Testing

@testable import needletail_faults

@Suite("Fault proxy") struct FaultProxyTests {
    // MARK: Without a fault

    @Test("Passes bytes and ends on, either way") func forwards() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        client.say("request")
        #expect(try rig.until { server.text == "request" })
        server.say("answer")
        #expect(try rig.until { client.text == "answer" })
        client.finish()
        #expect(try rig.until { server.isEnded })
        server.say(", and more")
        #expect(try rig.until { client.text == "answer, and more" })
        server.finish()
        #expect(try rig.until { client.isEnded })
        try rig.settle()
        let counters = try #require(rig.proxy.counters.routes[Rig.route])
        #expect(counters == .init(connections: 1, open: 0, up: 7, down: 16, lost: 0))
    }

    @Test("Passes a reset on as a reset") func passesReset() throws {
        let rig = try Rig()
        let server: Peer
        do {
            let client = try rig.client()
            server = try #require(try rig.server())
            client.resetOnClose()
        }
        #expect(try rig.until { server.isBroken })
    }

    @Test("Passes megabytes on unchanged, however slow the reader") func megabytes() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        let sent = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var position = 0
        // The server does not read until nothing more goes in.
        var stuck = 0
        while stuck < 20 {
            let count = client.say(Array(sent[position...].prefix(100_000)))
            stuck = count == 0 ? stuck + 1 : 0
            position += count
            try rig.proxy.turn(atMost: 1_000_000)
        }
        #expect(position < sent.count, "nothing pushed back")
        #expect(
            try rig.until(turns: 20_000) {
                position += client.say(Array(sent[position...].prefix(100_000)))
                return server.heard.count == sent.count
            })
        #expect(server.heard == sent)
    }

    @Test("A target that is not there resets its client") func noTarget() throws {
        let absent = try Socket.holding(port: 0)
        let proxy = try FaultProxy(
            [RouteSettings("gone=127.0.0.1:\(absent.port)")], seed: 1, clock: .system
        ) { _ in }
        let client = Peer(try Socket.connecting(to: .loopback(try #require(proxy.ports["gone"]))))
        for _ in 0..<100 where client.isOpen { try proxy.turn() }
        #expect(client.isBroken)
    }

    // MARK: While they last

    @Test("Delay: not before its time, and in one direction") func delay() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.fault("market delay up 200ms for 1s")
        client.say("late")
        server.say("at once")
        #expect(try rig.until { client.text == "at once" })
        try rig.pass(199)
        #expect(server.heard.isEmpty)
        try rig.pass(1)
        #expect(try rig.until { server.text == "late" })
        try rig.pass(900)
        client.say(", soon")
        #expect(try rig.until { server.text == "late, soon" })
    }

    @Test("Lose: bytes of one direction vanish, the connection lives") func lose() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.fault("market lose down for 2s")
        server.say("vanishes")
        client.say("arrives")
        #expect(try rig.until { server.text == "arrives" })
        try rig.pass(2_000)
        server.say("again")
        #expect(try rig.until { client.text == "again" })
        #expect(rig.proxy.counters.routes[Rig.route]?.lost == 8)
    }

    @Test("Stall: bytes wait and none is lost") func stall() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.fault("market stall for 2s")
        client.say("waits")
        server.say("too")
        try rig.pass(1_999)
        #expect(server.heard.isEmpty && client.heard.isEmpty)
        try rig.pass(1)
        #expect(try rig.until { server.text == "waits" && client.text == "too" })
    }

    @Test("Drip: so many bytes a second") func drip() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.fault("market drip up 10 bytes/s for 3s")
        client.say([UInt8](repeating: 1, count: 100))
        for _ in 0..<10 { try rig.pass(100) }
        #expect((9...11).contains(server.heard.count), "\(server.heard.count)")
        for _ in 0..<10 { try rig.pass(100) }
        #expect((19...21).contains(server.heard.count), "\(server.heard.count)")
        try rig.pass(1_000)
        #expect(try rig.until { server.heard.count == 100 })
    }

    @Test("Half-open: neither hears of the other's end, until a reset") func halfOpen() throws {
        let rig = try Rig()
        let server: Peer
        do {
            let client = try rig.client()
            server = try #require(try rig.server())
            try rig.fault("market half-open for 5s")
            client.say("lost")
            client.resetOnClose()
        }
        server.say("into the void")
        try rig.pass(4_999)
        #expect(server.isOpen && server.heard.isEmpty)
        try rig.pass(1)
        #expect(try rig.until { server.isBroken })
    }

    @Test("What lasts on a route also meets connections that begin in that time")
    func meetsNewConnections() throws {
        let rig = try Rig()
        #expect(try rig.fault("market lose up for 2s") == 0)
        let (client, server) = try rig.pair()
        client.say("vanishes")
        try rig.pass(2_000)
        client.say("arrives")
        #expect(try rig.until { server.text == "arrives" })
        let (second, there) = try rig.pair()
        second.say("whole")
        #expect(try rig.until { there.text == "whole" })
    }

    // MARK: At once

    @Test("Reset: both ends hear it") func reset() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.settle()
        #expect(try rig.fault("market reset") == 1)
        #expect(try rig.until { client.isBroken && server.isBroken })
        #expect(rig.faults("reset") == 1)
    }

    @Test("Hang-up: both hear the end after what was under way") func hangUp() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.fault("market delay both 100ms for 1s")
        client.say("last words")
        server.say("and mine")
        try rig.settle()
        try rig.fault("market hang-up")
        #expect(client.isOpen && server.isOpen)
        try rig.pass(100)
        #expect(try rig.until { client.isEnded && server.isEnded })
        #expect(server.text == "last words" && client.text == "and mine")
    }

    @Test("Cut: to the byte, with the end of both ways behind it", arguments: [1, 7, 8])
    func cut(count: Int) throws {
        let rig = try Rig("connection 1 market cut down after \(count) bytes")
        let (client, server) = try rig.pair()
        server.say("1234")
        client.say("untouched")
        #expect(try rig.until { server.text == "untouched" })
        server.say("5678")
        #expect(try rig.until { client.isEnded && server.isEnded })
        #expect(client.text == String("12345678".prefix(count)))
    }

    @Test("Cut in the middle of a TLS record, however its bytes come", arguments: [1, 3, 64])
    func midRecord(step: Int) throws {
        let handshake: [UInt8] = [22, 3, 3, 0, 4, 1, 2, 3, 4]
        let data: [UInt8] = [23, 3, 3, 0, 10] + Array(1...10)
        let rig = try Rig("connection 1 market cut down mid-record")
        let (client, server) = try rig.pair()
        let all = handshake + data + data
        for start in stride(from: 0, to: all.count, by: step) {
            server.say(Array(all[start...].prefix(step)))
            try rig.until(turns: 1) { false }
        }
        #expect(try rig.until { client.isEnded })
        #expect(client.heard == handshake + data.prefix(10))
    }

    @Test("Cut of what is no TLS: in the middle of what comes") func midChunk() throws {
        let rig = try Rig()
        let (client, server) = try rig.pair()
        try rig.settle()
        try rig.fault("market cut up mid-record")
        client.say("GET / HTTP")
        #expect(try rig.until { server.isEnded })
        #expect(server.text == "GET /")
    }

    // MARK: New connections

    @Test("Refuse: no connection, then again at the same port") func refuse() throws {
        let rig = try Rig()
        let (old, there) = try rig.pair()
        try rig.fault("market refuse for 3s")
        #expect(try rig.client().isBroken)
        old.say("goes on")
        #expect(try rig.until { there.text == "goes on" })
        try rig.pass(3_000)
        let (new, target) = try rig.pair()
        new.say("again")
        #expect(try rig.until { target.text == "again" })
    }

    @Test("Stall-accept: accepted, and nobody there") func stallAccept() throws {
        let rig = try Rig("connection 1 market stall-accept")
        let client = try rig.client()
        client.say("anyone?")
        try rig.pass(60_000)
        #expect(client.isOpen && client.heard.isEmpty)
        let (second, server) = try rig.pair()
        second.say("the first to reach the server")
        #expect(try rig.until { server.text == "the first to reach the server" })
        #expect(rig.proxy.counters.routes[Rig.route]?.connections == 2)
    }

    @Test("Duplicate: the server hears all twice, the client one answer") func duplicate() throws {
        let rig = try Rig()
        try rig.fault("market duplicate for 1s")
        let client = try rig.client()
        let servers = [try #require(try rig.server()), try #require(try rig.server())]
        client.say("order")
        #expect(try rig.until { servers.allSatisfy { $0.text == "order" } })
        servers.forEach { $0.say("!") }
        #expect(try rig.until { !client.heard.isEmpty })
        try rig.settle()
        #expect(client.text == "!")
        client.finish()
        #expect(try rig.until { servers.contains { $0.isEnded } })
        servers.forEach { $0.finish() }
        #expect(try rig.until { client.isEnded })
    }

    // MARK: When and whom

    @Test("Happens at its time, to the connection that was named") func triggers() throws {
        let rig = try Rig(
            """
            after 1s market#2 reset
            every 10s market hang-up
            """)
        let first = try rig.pair()
        let second = try rig.pair()
        try rig.pass(999)
        #expect(first.client.isOpen && second.client.isOpen)
        try rig.pass(1)
        #expect(try rig.until { second.client.isBroken })
        try rig.pass(8_999)
        #expect(first.client.isOpen)
        try rig.pass(1)
        #expect(try rig.until { first.client.isEnded })
        let third = try rig.pair()
        try rig.pass(10_000)
        #expect(try rig.until { third.client.isEnded })
    }

    @Test("Heals: what lasts ends, what was armed or to come is forgotten") func heals() throws {
        let rig = try Rig("after 200s all reset")
        let (client, server) = try rig.pair()
        try rig.fault("market stall both")
        try rig.fault("market cut up after 3 bytes")
        try rig.fault("market refuse for 9s")
        client.say("waits")
        try rig.pass(100_000)
        #expect(server.heard.isEmpty)
        try rig.proxy.heal()
        #expect(try rig.until { server.text == "waits" })
        try rig.pass(100_000)
        #expect(client.isOpen)
        _ = try rig.pair()
    }

    @Test("A seed decides who is met, and decides so again") func seeds() throws {
        func fates(_ seed: UInt64) throws -> [Bool] {
            let rig = try Rig("connection 50% market stall-accept", seed: seed)
            return try (0..<16).map { _ in
                let client = try rig.client()
                client.say("anyone?")
                let met = rig.faults("stall-accept")
                let accepted = rig.proxy.counters.routes[Rig.route]?.connections ?? 0
                try rig.until {
                    rig.proxy.counters.routes[Rig.route]?.connections ?? 0 > accepted
                }
                return rig.faults("stall-accept") > met
            }
        }
        let first = try fates(3)
        #expect(first == (try fates(3)))
        #expect(first != (try fates(4)))
        #expect(first.contains(true) && first.contains(false))
    }
}
