// NotifyForm.swift — how each channel wants a message: a webhook's JSON, Telegram's sendMessage
// (https://core.telegram.org/bots/api#sendmessage).
import Core
import Foundation

protocol NotifyForm: Sendable {
    /// `webhook` or `telegram`.
    var name: String { get }
    /// What to look at when the other side refuses for good.
    var mend: String { get }
    func request(_ message: NotifyMessage) -> HTTPRequest
    /// The text without the address and its parts, which are secret.
    func masked(_ text: String) -> String
}

/// Where requests go, taken apart once.
private struct NotifyAddress: Sendable {
    let host: String
    let port: UInt16
    let target: String
    let isPlain: Bool

    /// Plain HTTP only to this machine: an address is a secret.
    init(_ text: String, _ name: String) throws(BotError) {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty,
            let scheme = url.scheme, scheme == "https" || scheme == "http"
        else { throw .setup("\(name) must be a URL such as https://example.org/path") }
        isPlain = scheme == "http"
        guard !isPlain || ["127.0.0.1", "localhost", "[::1]"].contains(host) else {
            throw .setup("\(name) must begin with https://")
        }
        guard url.user == nil, url.password == nil else {
            throw .setup("\(name) must hold no user or password; put a token into its path")
        }
        let standard = isPlain ? 80 : 443
        guard let port = UInt16(exactly: url.port ?? standard), port > 0 else {
            throw .setup("\(name) has no usable port")
        }
        self.host = host
        self.port = port
        let path = url.percentEncodedPath.isEmpty ? "/" : url.percentEncodedPath
        target = path + (url.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    func request(_ target: String, _ body: Data, caFile: String?) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", host: host, port: port, target: target)
        request.headers = [("Content-Type", "application/json")]
        request.body = Array(body)
        request.caFile = caFile
        request.plainText = isPlain
        request.maxBody = 1 << 16
        return request
    }
}

struct WebhookForm: NotifyForm {
    let name = "webhook"
    let mend = "check NOTIFY_WEBHOOK_URL"
    private let address: NotifyAddress
    private let caFile: String?

    private struct Body: Encodable {
        let app = "needletail"
        let id: UInt64
        let time: String
        let kind: String
        let symbol: String?
        let text: String
        let count: Int
    }

    init(_ url: Secret, caFile: String?) throws(BotError) {
        address = try NotifyAddress(url.reveal(), "NOTIFY_WEBHOOK_URL")
        self.caFile = caFile
    }

    func request(_ message: NotifyMessage) -> HTTPRequest {
        let body = Body(
            id: message.number, time: Times.text(message.time), kind: message.kind.rawValue,
            symbol: message.symbol, text: message.text, count: message.count)
        // Texts and numbers always encode.
        let data = (try? JSONText.encode(body)) ?? Data()
        return address.request(address.target, data, caFile: caFile)
    }

    func masked(_ text: String) -> String {
        // "/" alone is in every other text.
        let isTelling = address.target.count > 1
        return (isTelling ? text.replacing(address.target, with: "***") : text)
            .replacing(address.host, with: "***")
    }
}

struct TelegramForm: NotifyForm {
    let name = "telegram"
    let mend = "check TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID"
    /// Of the Bot API: characters of one message.
    private static let longest = 4096
    private let address: NotifyAddress
    private let token: Secret
    private let chat: String
    private let caFile: String?

    private struct Body: Encodable {
        let chatID: String
        let text: String

        private enum CodingKeys: String, CodingKey {
            case chatID = "chat_id"
            case text
        }
    }

    init(token: Secret, chat: String, server: String, caFile: String?) throws(BotError) {
        let isPlain = token.reveal().utf8.allSatisfy { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar == ":" || scalar == "-" || scalar == "_"
                || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
        guard isPlain else { throw .setup("TELEGRAM_BOT_TOKEN holds a character no token has") }
        address = try NotifyAddress(server, "TELEGRAM_API_URL")
        self.token = token
        self.chat = chat
        self.caFile = caFile
    }

    func request(_ message: NotifyMessage) -> HTTPRequest {
        let text = String("needletail: \(message.text)".prefix(Self.longest))
        let data = (try? JSONText.encode(Body(chatID: chat, text: text))) ?? Data()
        let root = address.target == "/" ? "" : address.target
        return address.request(
            "\(root)/bot\(token.reveal())/sendMessage", data, caFile: caFile)
    }

    func masked(_ text: String) -> String { text.replacing(token.reveal(), with: "***") }
}
