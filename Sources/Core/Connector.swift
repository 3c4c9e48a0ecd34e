// Connector.swift — the Swift face of nt/connector.h: REST and names, blocking, off every lane.
//
// `HTTPTransport` is the seam: venues speak to it, and tests stand behind it with answers of
// their own.
import CCore

public struct HTTPRequest: Sendable {
    public var method: String
    public var host: String
    /// Numeric, of the host; nil: the name is looked up.
    public var address: String?
    public var port: UInt16
    /// Path and query, as they go on the wire.
    public var target: String
    public var headers: [(name: String, value: String)] = []
    public var body: [UInt8]?
    /// PEM file of the trusted certificates; nil: the system's store.
    public var caFile: String?
    /// No TLS: loopback only.
    public var plainText = false
    /// Of the whole exchange.
    public var timeoutMilliseconds: UInt32 = 10_000
    public var maxBody: UInt32 = 16 << 20

    public init(method: String, host: String, port: UInt16, target: String) {
        self.method = method
        self.host = host
        self.port = port
        self.target = target
    }
}

public struct HTTPResponse: Sendable {
    public var status: Int
    public var body: [UInt8]
    /// `Retry-After`, seconds.
    public var retryAfter: Int64?
    /// Request weight of the running minute, where the venue states it.
    public var usedWeight: Int32?
    /// When the venue's certificate expires, UTC seconds; nil without TLS.
    public var certificateEnd: Int64?

    public init(
        status: Int, body: [UInt8], retryAfter: Int64? = nil, usedWeight: Int32? = nil
    ) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
        self.usedWeight = usedWeight
    }
}

/// No answer came back.
public struct HTTPFailure: Error, Sendable, CustomStringConvertible {
    public let code: CoreError.Code
    /// What failed, in English.
    public let text: String
    /// False: no byte of the request has left this machine.
    public let sent: Bool

    public init(code: CoreError.Code, text: String, sent: Bool) {
        self.code = code
        self.text = text
        self.sent = sent
    }

    public var description: String { text }
}

/// One exchange at a time per call; any thread; blocks at most the request's time limit.
public protocol HTTPTransport: AnyObject, Sendable {
    /// Returns whenever an HTTP status came back, whatever it is.
    func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse
}

/// The connector thread of the core.
public final class Connector: HTTPTransport, @unchecked Sendable {
    private let handle: OpaquePointer

    public init() throws(CoreError) {
        var handle: OpaquePointer?
        try check(nt_connector_create(&handle), "connector")
        guard let handle else { throw CoreError(.noMemory, "connector: out of memory") }
        self.handle = handle
    }

    deinit { nt_connector_destroy(handle) }

    public func perform(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPResponse {
        guard Connector.isClean(request) else {
            throw HTTPFailure(
                code: .invalid, text: "a request's line or header holds a control character",
                sent: false)
        }
        var response = nt_http_response()
        defer { nt_http_response_free(&response) }
        let status = exchange(request, &response)
        guard status == NT_OK else {
            let text = fixedText(response.error)
            throw HTTPFailure(
                code: CoreError.Code(rawValue: Int32(status.rawValue)) ?? .io,
                text: text.isEmpty ? String(cString: nt_status_text(status)) : text,
                sent: response.sent)
        }
        let body = UnsafeBufferPointer(start: response.body, count: Int(response.body_length))
        var found = HTTPResponse(
            status: Int(response.status), body: Array(body),
            retryAfter: response.retry_after_s >= 0 ? response.retry_after_s : nil,
            usedWeight: response.used_weight >= 0 ? response.used_weight : nil)
        if response.certificate_end_s != 0 { found.certificateEnd = response.certificate_end_s }
        return found
    }

    /// The addresses of a name, as text, in the order in which to try them; never empty, at most
    /// eight. Blocks up to the time limit; never on a lane.
    public static func resolve(
        _ host: String, timeoutMilliseconds: UInt32 = 5_000
    ) throws(CoreError) -> [String] {
        var found = nt_addresses()
        try check(nt_resolve(host, timeoutMilliseconds, &found), "resolving \(host)")
        return found.texts
    }

    /// Nothing that could end a header or the request's line early.
    private static func isClean(_ request: HTTPRequest) -> Bool {
        let headers = request.headers.flatMap { [$0.name, $0.value] }
        let isPrintable = ([request.method, request.host] + headers).allSatisfy { text in
            text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
        }
        return isPrintable && request.target.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }

    private func exchange(
        _ request: HTTPRequest, _ response: inout nt_http_response
    ) -> nt_status {
        let headers = request.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        return withTexts([
            request.method, request.host, request.target, headers, request.caFile ?? "",
            request.address ?? "",
        ]) { texts in
            let body = request.body ?? []
            return body.withUnsafeBytes { bytes in
                var c = nt_http_request()
                c.method = texts[0]
                c.host = texts[1]
                c.port = request.port
                c.target = texts[2]
                c.headers = headers.isEmpty ? nil : texts[3]
                c.ca_file = request.caFile == nil ? nil : texts[4]
                c.address = request.address == nil ? nil : texts[5]
                if request.body != nil {
                    c.body = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                    c.body_length = UInt32(bytes.count)
                }
                c.plain_text = request.plainText
                c.timeout_ms = request.timeoutMilliseconds
                c.max_body = request.maxBody
                return nt_http_perform(handle, &c, &response)
            }
        }
    }
}

extension nt_addresses {
    /// What does not fit is left out.
    init(texts: [String]) {
        self.init()
        let size = Int(NT_ADDRESS_SIZE)
        let usable = texts.filter { $0.utf8.count < size }.prefix(Int(NT_MAX_ADDRESSES))
        count = UInt32(usable.count)
        withUnsafeMutableBytes(of: &text) { bytes in
            for (row, text) in usable.enumerated() {
                for (column, byte) in text.utf8.enumerated() { bytes[row * size + column] = byte }
            }
        }
    }

    var texts: [String] {
        let size = Int(NT_ADDRESS_SIZE)
        return withUnsafeBytes(of: text) { bytes in
            (0..<Int(count)).map { row in
                let line = bytes[(row * size)..<((row + 1) * size)].prefix { $0 != 0 }
                return String(decoding: line, as: UTF8.self)
            }
        }
    }
}

/// C strings that live as long as `body` runs.
func withTexts<Result>(
    _ texts: [String], _ body: ([UnsafePointer<CChar>]) -> Result
) -> Result {
    let copies = texts.map { text in
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { copy[index] = byte }
        return copy
    }
    defer { copies.forEach { $0.deallocate() } }
    return body(copies.map { UnsafePointer($0) })
}
