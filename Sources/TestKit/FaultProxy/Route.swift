// Route.swift — a port of loopback and the address that it leads to.

/// `name=host:port`, or `name=host:port@port` to listen on a chosen port.
struct RouteSettings: Equatable {
    let name: String
    let target: Address
    let targetText: String
    /// 0 = any free one.
    let port: UInt16

    init(_ text: String) throws(FaultProxyError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, Self.isName(parts[0]) else {
            throw FaultProxyError("\"\(text)\" is no route such as market=127.0.0.1:8443")
        }
        let ends = parts[1].split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard ends.count <= 2, let port = ends.count == 1 ? 0 : UInt16(ends[1]) else {
            throw FaultProxyError("\"\(text)\" ends in no port to listen on")
        }
        name = parts[0]
        target = try Address(ends[0])
        targetText = ends[0]
        self.port = port
    }

    /// Letters, digits, `-` and `_`; "all" is taken.
    private static func isName(_ text: String) -> Bool {
        text != "all" && !text.isEmpty
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return character.isASCII
                    && (character.isLetter || character.isNumber || character == "-"
                        || character == "_")
            }
    }
}

final class Route {
    /// A fault that also meets connections that begin while it lasts.
    struct Window {
        let fault: Fault
        let until: Int64
        let perMille: UInt64
    }

    let settings: RouteSettings
    let port: UInt16
    private(set) var listener: Socket?
    private(set) var windows: [Window] = []
    private(set) var accepted = 0
    /// Sums of connections that have ended.
    private(set) var up: Int64 = 0
    private(set) var down: Int64 = 0
    private(set) var lost: Int64 = 0
    /// Keeps the port while nobody listens.
    private let holder: Socket

    init(_ settings: RouteSettings) throws(FaultProxyError) {
        self.settings = settings
        holder = try Socket.holding(port: settings.port)
        port = holder.port
        listener = try Socket.listening(port: port)
    }

    func add(_ window: Window) {
        windows.append(window)
        if window.fault == .refuse { listener = nil }
    }

    /// Listens again once nothing refuses any more. `everything`: ends all of them.
    func expire(now: Int64, everything: Bool = false) throws(FaultProxyError) {
        windows.removeAll { everything || $0.until <= now }
        if listener == nil, !windows.contains(where: { $0.fault == .refuse }) {
            listener = try Socket.listening(port: port)
        }
    }

    /// The number of the connection that has just been accepted.
    func nextNumber() -> Int {
        accepted += 1
        return accepted
    }

    func add(ended connection: Connection) {
        up += connection.forwardedUp
        down += connection.forwardedDown
        lost += connection.lost
    }
}
