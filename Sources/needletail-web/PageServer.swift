// PageServer.swift — every request passes here: rules first, then one switch over all paths.
//
// `/?token=…` exchanges the printed token for a cookie; everything else needs the cookie. Reading
// changes nothing; the one change is POST /action.
import Bot
import Core
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

struct PageServer: HTTPResponder {
    typealias Context = BasicRequestContext

    let tokens: AccessTokens
    let hub: FeedHub
    let desk: ActionDesk
    let chart: ChartLibrary?
    /// Known once the socket is bound; nothing is served before.
    let port = PortBox()

    private var rules: RequestRules { RequestRules(port: port.value) }

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        do throws(Refusal) {
            try rules.checkHost(request.head.authority)
            try rules.checkTarget(request.head.path ?? "")
            if request.uri.path == "/", let token = request.uri.queryParameters["token"] {
                return try exchange(String(token), request.method)
            }
            let cookie = rules.cookie(request.headers[.cookie])
            guard let session = tokens.session(cookie) else { throw Refusal.noSession }
            return try await serve(request, session)
        } catch {
            return answer(error)
        }
    }

    private func answer(_ refusal: Refusal) -> Response {
        var headers = SafeHeaders.fields(contentType: "text/plain; charset=utf-8")
        if let allow = refusal.allow { headers[.allow] = allow }
        // The rest of a body that is refused is not worth reading.
        headers[.connection] = "close"
        return Response(
            status: refusal.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: refusal.text + "\n")))
    }

    private func exchange(_ token: String, _ method: HTTPRequest.Method) throws(Refusal) -> Response
    {
        guard method == .get else {
            throw Refusal(.methodNotAllowed, "Use GET here.", allow: "GET")
        }
        let outcome = tokens.exchange(token)
        guard case .session(let id) = outcome else { throw Refusal.noToken(outcome) }
        var headers = SafeHeaders.fields(contentType: "text/plain; charset=utf-8")
        headers[.setCookie] = rules.setCookie(id)
        headers[.location] = "/"
        return Response(status: .seeOther, headers: headers)
    }

    private func serve(_ request: Request, _ session: Session) async throws(Refusal) -> Response {
        let path = request.uri.path
        if path == "/action" {
            guard request.method == .post else {
                throw Refusal(.methodNotAllowed, "A change is made with POST.", allow: "POST")
            }
            return try await act(request, session)
        }
        guard let content = try content(path, session) else {
            throw Refusal(.notFound, "There is nothing here.")
        }
        guard request.method == .get else {
            throw Refusal(.methodNotAllowed, "Use GET here.", allow: "GET")
        }
        return content
    }

    private func content(_ path: String, _ session: Session) throws(Refusal) -> Response? {
        switch path {
        case "/": file(PackageResources.index_html, "text/html; charset=utf-8")
        case "/page.css": file(PackageResources.page_css, "text/css; charset=utf-8")
        case "/theme.js": file(PackageResources.theme_js, "text/javascript; charset=utf-8")
        case "/chart.js": file(PackageResources.chart_js, "text/javascript; charset=utf-8")
        case "/page.js": file(PackageResources.page_js, "text/javascript; charset=utf-8")
        case "/lightweight-charts.js":
            chart.map { file($0.script, "text/javascript; charset=utf-8") }
        case "/lightweight-charts-licence.txt":
            chart.map { file($0.licence, "text/plain; charset=utf-8") }
        case "/session": sessionDocument(session)
        case "/events": try events()
        default: nil
        }
    }

    private func file(_ bytes: [UInt8], _ type: String) -> Response {
        Response(
            status: .ok, headers: SafeHeaders.fields(contentType: type),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private struct SessionDocument: Encodable {
        var actionToken: String
        var version: String
        var hasChartLibrary: Bool
    }

    private func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) -> Response {
        let data = (try? JSONText.encode(value)) ?? Data("{}".utf8)
        return Response(
            status: status, headers: SafeHeaders.fields(contentType: "application/json"),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private func sessionDocument(_ session: Session) -> Response {
        json(
            SessionDocument(
                actionToken: session.actionToken, version: needletailVersion,
                hasChartLibrary: chart != nil))
    }

    private func events() throws(Refusal) -> Response {
        guard let reader = hub.subscribe() else {
            throw Refusal(
                .tooManyRequests, "This page is open \(FeedHub.maxStreams) times already.")
        }
        return Response(
            status: .ok, headers: SafeHeaders.fields(contentType: "text/event-stream"),
            body: EventStream(reader: reader).body)
    }

    private func act(_ request: Request, _ session: Session) async throws(Refusal) -> Response {
        try rules.checkChange(request.headers, session)
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: RequestRules.maxBody)
        } catch is NIOTooManyBytesError {
            throw Refusal.tooLarge
        } catch {
            throw Refusal(.badRequest, "The body did not arrive whole.")
        }
        let action = try PageAction(Data(body.readableBytesView))
        let outcome = try await desk.perform(action)
        return json(outcome, outcome.status)
    }
}

/// A port that becomes known.
final class PortBox: Sendable {
    private let port = Mutex(0)
    var value: Int { port.withLock { $0 } }
    func set(_ value: Int) { port.withLock { $0 = value } }
}
