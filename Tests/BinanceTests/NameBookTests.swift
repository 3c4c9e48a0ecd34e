// NameBookTests.swift — names that move, vanish and come back, by a table in place of name servers.
import Core
import Synchronization
import Testing
import VenueKit

/// What the "name servers" say; nil: nothing.
private final class Servers: Sendable {
    private let table = Mutex<[String: [String]]>([:])
    private let count = Mutex(0)

    init(_ addresses: [String]) { set(addresses) }

    var lookUps: Int { count.withLock { $0 } }

    func set(_ addresses: [String]?) { table.withLock { $0["venue"] = addresses } }

    var book: NameBook {
        NameBook { [self] host throws(CoreError) in
            count.withLock { $0 += 1 }
            guard let found = table.withLock({ $0[host] }) else {
                throw CoreError(.notFound, "\(host) is unknown")
            }
            return found
        }
    }
}

/// Takes connections at some addresses only.
private final class Doors: HTTPTransport {
    let open: Set<String>
    let failure: CoreError.Code
    let sends: Bool
    private let tried = Mutex<[String]>([])

    init(_ open: Set<String>, failure: CoreError.Code = .io, sends: Bool = false) {
        self.open = open
        self.failure = failure
        self.sends = sends
    }

    var addresses: [String] { tried.withLock { $0 } }

    func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
        let address = request.address ?? "?"
        tried.withLock { $0.append(address) }
        guard open.contains(address) else {
            throw HTTPFailure(code: failure, text: "refused by \(address)", sent: sends)
        }
        var response = HTTPResponse(status: 200, body: [])
        response.certificateEnd = 1_800_000_000
        return response
    }
}

@Suite("Name book") struct NameBookTests {
    private let request = HTTPRequest(method: "GET", host: "venue", port: 443, target: "/")

    @Test("A name is looked up once, then only when asked to")
    func remembers() throws {
        let servers = Servers(["10.0.0.1"])
        let book = servers.book
        #expect(try book.addresses(of: "venue") == ["10.0.0.1"])
        #expect(try book.addresses(of: "venue") == ["10.0.0.1"])
        #expect(servers.lookUps == 1)
        #expect(book.refresh("venue") == .same)
        #expect(servers.lookUps == 2)
    }

    @Test("A changed list is told once; the order of what stays is kept")
    func moves() throws {
        let servers = Servers(["10.0.0.1", "10.0.0.2"])
        let book = servers.book
        _ = try book.addresses(of: "venue")
        servers.set(["10.0.0.2", "10.0.0.1"])
        #expect(book.refresh("venue") == .same)
        servers.set(["10.0.0.3", "10.0.0.2"])
        let change = book.refresh("venue")
        #expect(
            change == .moved(from: ["10.0.0.1", "10.0.0.2"], to: ["10.0.0.2", "10.0.0.3"]))
        #expect(try book.addresses(of: "venue") == ["10.0.0.2", "10.0.0.3"])
    }

    @Test("A name that stops resolving keeps its last addresses, and says so once")
    func vanishes() throws {
        let servers = Servers(["10.0.0.1"])
        let book = servers.book
        _ = try book.addresses(of: "venue")
        servers.set(nil)
        #expect(book.refresh("venue") == .lost("venue is unknown"))
        #expect(book.refresh("venue") == .same)
        #expect(book.problem(of: "venue") == "venue is unknown")
        #expect(try book.addresses(of: "venue") == ["10.0.0.1"])
        servers.set(["10.0.0.1"])
        #expect(book.refresh("venue") == .found)
        #expect(book.problem(of: "venue") == nil)
    }

    @Test("A name that was never found is an error")
    func neverFound() {
        let book = Servers([]).book
        #expect(throws: CoreError.self) { try book.addresses(of: "nobody") }
    }

    @Test("Requests go to the next address when one takes none, and stay there")
    func triesTheNext() throws {
        let doors = Doors(["10.0.0.3"])
        let transport = NamedTransport(
            doors, names: Servers(["10.0.0.1", "10.0.0.2", "10.0.0.3"]).book)
        #expect(try transport.perform(request).status == 200)
        #expect(try transport.perform(request).status == 200)
        #expect(doors.addresses == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.3"])
        #expect(transport.certificateEnds == ["venue": 1_800_000_000])
    }

    @Test(
        "What may have arrived, and what is not trusted, is tried nowhere else",
        arguments: [(CoreError.Code.timeout, true), (.tls, false)])
    func staysAway(_ code: CoreError.Code, _ sent: Bool) {
        let doors = Doors([], failure: code, sends: sent)
        let transport = NamedTransport(doors, names: Servers(["10.0.0.1", "10.0.0.2"]).book)
        #expect(throws: HTTPFailure.self) { try transport.perform(request) }
        #expect(doors.addresses == ["10.0.0.1"])
    }

    @Test("When no address answers the name is looked up anew")
    func looksUpAnew() throws {
        let servers = Servers(["10.0.0.1"])
        let book = servers.book
        let transport = NamedTransport(Doors(["10.0.0.2"]), names: book)
        #expect(throws: HTTPFailure.self) { try transport.perform(request) }
        servers.set(["10.0.0.2"])
        #expect(throws: HTTPFailure.self) { try transport.perform(request) }
        #expect(try transport.perform(request).status == 200)
        let changes = book.takeChanges()
        #expect(changes.map(\.host) == ["venue"])
        #expect(changes.map(\.change) == [.moved(from: ["10.0.0.1"], to: ["10.0.0.2"])])
        #expect(book.takeChanges().isEmpty)
    }
}
