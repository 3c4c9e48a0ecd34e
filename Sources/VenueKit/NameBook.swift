// NameBook.swift — where a venue's hosts are. Names are looked up here, off every lane, and what
// was found last stays good while the names cannot be looked up.
import Core
import Synchronization

/// Any thread; a look-up blocks up to its own time limit, the book is not locked meanwhile.
public final class NameBook: Sendable {
    /// Addresses of a name in the order in which to try them; never empty.
    public typealias LookUp = @Sendable (_ host: String) throws(CoreError) -> [String]

    public enum Change: Sendable, Hashable {
        case same
        case moved(from: [String], to: [String])
        /// Cannot be looked up; the last good addresses stay.
        case lost(String)
        /// Can be looked up again, unchanged.
        case found
    }

    private struct Entry {
        var addresses: [String] = []
        var problem: String?
    }

    private let lookUp: LookUp
    private let entries = Mutex<[String: Entry]>([:])
    /// Not yet taken; whoever looks something up may be the first to see that it moved.
    private let changes = Mutex<[(host: String, change: Change)]>([])
    private static let mostChanges = 64

    public init(
        _ lookUp: @escaping LookUp = { host throws(CoreError) in try Connector.resolve(host) }
    ) {
        self.lookUp = lookUp
    }

    /// The last good addresses; looked up now only when there are none yet.
    public func addresses(of host: String) throws(CoreError) -> [String] {
        if let known = entries.withLock({ $0[host]?.addresses }), !known.isEmpty { return known }
        let found = try lookUp(host)
        entries.withLock { $0[host] = Entry(addresses: found) }
        return found
    }

    /// Why the last look-up of a host failed; nil when it worked.
    public func problem(of host: String) -> String? { entries.withLock { $0[host]?.problem } }

    /// Looks up anew. The order of what is known stays: name servers shuffle theirs.
    @discardableResult public func refresh(_ host: String) -> Change {
        let change = look(host)
        guard change != .same else { return change }
        changes.withLock { changes in
            if changes.count == Self.mostChanges { changes.removeFirst() }
            changes.append((host, change))
        }
        return change
    }

    /// What changed since the last call, oldest first, whoever saw it.
    public func takeChanges() -> [(host: String, change: Change)] {
        changes.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }

    private func look(_ host: String) -> Change {
        let found: [String]
        do throws(CoreError) {
            found = try lookUp(host)
        } catch {
            return lose(host, error.text)
        }
        return entries.withLock { entries in
            let before = entries[host] ?? Entry()
            guard Set(found) != Set(before.addresses) else {
                entries[host]?.problem = nil
                return before.problem == nil ? .same : .found
            }
            let kept = before.addresses.filter { found.contains($0) }
            let addresses = kept + found.filter { !kept.contains($0) }
            entries[host] = Entry(addresses: addresses)
            return .moved(from: before.addresses, to: addresses)
        }
    }

    /// Told once for each time it is lost.
    private func lose(_ host: String, _ problem: String) -> Change {
        entries.withLock { entries in
            let isNew = entries[host]?.problem == nil
            entries[host, default: Entry()].problem = problem
            return isNew ? .lost(problem) : .same
        }
    }

    /// This address answered: it is the first to be tried from now on.
    public func prefer(_ address: String, of host: String) {
        entries.withLock { entries in
            guard var entry = entries[host], entry.addresses.first != address,
                let index = entry.addresses.firstIndex(of: address)
            else { return }
            entry.addresses.remove(at: index)
            entry.addresses.insert(address, at: 0)
            entries[host] = entry
        }
    }
}

/// Sends requests to the addresses of the book, one after the other until one takes the connection.
public final class NamedTransport: HTTPTransport {
    private let inner: any HTTPTransport
    private let names: NameBook
    private let ends = Mutex<[String: Int64]>([:])

    public init(_ inner: any HTTPTransport, names: NameBook) {
        self.inner = inner
        self.names = names
    }

    /// When the certificates that hosts showed last expire, UTC seconds.
    public var certificateEnds: [String: Int64] { ends.withLock { $0 } }

    public func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
        let addresses: [String]
        do throws(CoreError) {
            addresses = try names.addresses(of: request.host)
        } catch {
            throw HTTPFailure(code: error.code, text: error.text, sent: false)
        }
        var failure: HTTPFailure?
        for address in addresses {
            do throws(HTTPFailure) {
                return try perform(request, at: address)
            } catch {
                // What has left may have arrived, and a certificate is wrong at every address.
                guard !error.sent, error.code == .io || error.code == .timeout else { throw error }
                failure = error
            }
        }
        // Perhaps it moved: the next request must not find the same.
        names.refresh(request.host)
        throw failure ?? HTTPFailure(code: .io, text: "no address", sent: false)
    }

    private func perform(
        _ request: HTTPRequest, at address: String
    ) throws(HTTPFailure) -> HTTPResponse {
        var request = request
        request.address = address
        let response = try inner.perform(request)
        names.prefer(address, of: request.host)
        if let end = response.certificateEnd { ends.withLock { $0[request.host] = end } }
        return response
    }
}
