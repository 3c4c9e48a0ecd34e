// RequestRules.swift — what a request must bring before anything else looks at it. Pure: a test
// walks every rule without a socket.
import HTTPTypes

/// A request that is answered with a status and one clear sentence, and changes nothing.
struct Refusal: Error, Equatable {
    var status: HTTPResponse.Status
    var text: String
    /// Of a path that exists for another method.
    var allow: String?

    init(_ status: HTTPResponse.Status, _ text: String, allow: String? = nil) {
        self.status = status
        self.text = text
        self.allow = allow
    }
}

/// The rules of a server at one port of this machine.
struct RequestRules: Sendable {
    static let maxTarget = 2048
    static let maxBody = 4096

    let port: Int
    /// Cookies know no ports: the name keeps two servers of one machine apart.
    var cookieName: String { "needletail_\(port)" }
    private var hosts: [String] { ["127.0.0.1:\(port)", "localhost:\(port)"] }

    /// A name that resolves to this machine is not enough (DNS rebinding): it must be ours.
    func checkHost(_ authority: String?) throws(Refusal) {
        guard let authority, hosts.contains(authority.lowercased()) else {
            throw Refusal(.forbidden, "This server answers to \(hosts[0]) only.")
        }
    }

    func checkTarget(_ target: String) throws(Refusal) {
        guard target.utf8.count <= Self.maxTarget else {
            throw Refusal(.uriTooLong, "The address is longer than \(Self.maxTarget) bytes.")
        }
    }

    /// Value of our cookie, if the request has one.
    func cookie(_ header: String?) -> String? {
        guard let header, header.utf8.count <= 4096 else { return nil }
        for pair in header.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0].drop(while: { $0 == " " }) == cookieName {
                return String(parts[1])
            }
        }
        return nil
    }

    func setCookie(_ value: String) -> String {
        "\(cookieName)=\(value); Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"
    }

    /// A change must come from our own page: its origin, its header.
    func checkChange(_ headers: HTTPFields, _ session: Session) throws(Refusal) {
        guard let origin = headers[.origin], hosts.contains(where: { "http://\($0)" == origin })
        else {
            throw Refusal(.forbidden, "A change is accepted from this page's own origin only.")
        }
        if let site = headers[.secFetchSite], site != "same-origin" {
            throw Refusal(.forbidden, "A change is accepted from this page's own origin only.")
        }
        guard session.mayAct(headers[.actionToken]) else {
            throw Refusal(.forbidden, "The header X-Needletail-Token is missing or wrong.")
        }
        let type = headers[.contentType]?.lowercased() ?? ""
        guard type == "application/json" || type.hasPrefix("application/json;") else {
            throw Refusal(.unsupportedMediaType, "Send the change as application/json.")
        }
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > Self.maxBody {
            throw Refusal.tooLarge
        }
    }
}

extension Refusal {
    static let tooLarge = Refusal(
        .contentTooLarge, "The body is longer than \(RequestRules.maxBody) bytes.")
    static let noSession = Refusal(
        .unauthorized,
        "This page needs the address that needletail-web printed when it started. It works once; "
            + "start needletail-web again for a new one.")

    static func noToken(_ outcome: AccessTokens.Exchange) -> Refusal {
        let reason =
            switch outcome {
            case .used: "This address has been used already."
            case .expired: "This address is older than 15 minutes."
            case .wrong, .session: "The token in this address is not the one that was printed."
            }
        return Refusal(.forbidden, "\(reason) Start needletail-web again for a new one.")
    }
}

extension HTTPField.Name {
    static let actionToken = Self("X-Needletail-Token") ?? .authorization
    static let secFetchSite = Self("Sec-Fetch-Site") ?? .authorization
}

/// On every answer. No inline script or style, nothing from elsewhere, no frame around the page.
enum SafeHeaders {
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

    static func fields(contentType: String) -> HTTPFields {
        var fields = HTTPFields()
        fields[.contentType] = contentType
        fields[.contentSecurityPolicy] = policy
        fields[.xContentTypeOptions] = "nosniff"
        fields[.cacheControl] = "no-store"
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}
