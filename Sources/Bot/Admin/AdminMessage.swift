// AdminMessage.swift — request and reply of the admin socket: one JSON document in a frame of
// four length bytes (big endian) each way, at most 1 MiB.
import Foundation

public struct AdminRequest: Codable, Sendable {
    public var command: String
    public var arguments: [String: String]
    /// Who asks; set by the server, never read from the wire.
    var user = "operator"

    private enum CodingKeys: CodingKey { case command, arguments }

    /// Why, for the journal, with who says so.
    var reason: String {
        let why = arguments["reason"] ?? ""
        return why.isEmpty ? user : "\(user): \(why)"
    }

    public init(_ command: String, _ arguments: [String: String] = [:]) {
        self.command = command
        self.arguments = arguments
    }
}

/// `exit` follows the command line's contract; `document` is what `--json` prints.
public struct AdminReply: Codable, Sendable {
    public var exit: Int32
    /// Set when `exit` is not zero: one clear sentence.
    public var error: String?
    public var document: Data

    public init(exit: Int32, error: String? = nil, document: Data) {
        self.exit = exit
        self.error = error
        self.document = document
    }

    static func document(_ value: some Encodable, exit: Int32 = 0, error: String? = nil)
        -> AdminReply
    {
        let data = (try? JSONText.encode(value)) ?? Data("{}".utf8)
        return AdminReply(
            exit: exit, error: error.map { Redactor.live.redact($0) },
            document: Redactor.live.redact(data))
    }

    static func failure(_ exit: Int32, _ text: String) -> AdminReply {
        .document(["error": text], exit: exit, error: text)
    }
}

/// One way to write JSON: stable key order, no escaped slashes.
public enum JSONText {
    public static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting =
            pretty
            ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
            : [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    public static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: data)
    }
}
