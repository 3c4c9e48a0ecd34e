// Secrets.swift — venue keys from the environment or a `.env` file that only its owner can read.
import Foundation
import Glibc

/// A secret text that never prints itself.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let value: String
    public init(_ value: String) { self.value = value }
    /// The text itself, for the one call that needs it.
    public func reveal() -> String { value }
    public var description: String { "***" }
    public var debugDescription: String { "***" }
}

/// Keys of one venue account.
public struct VenueKeys: Sendable {
    public var apiKey: String
    public var hmacSecret: Secret?
    /// PKCS#8 PEM.
    public var ed25519: Secret?

    public init(apiKey: String, hmacSecret: Secret?, ed25519: Secret?) {
        self.apiKey = apiKey
        self.hmacSecret = hmacSecret
        self.ed25519 = ed25519
    }
}

public enum Secrets {
    /// `BINANCE_API_KEY` with `BINANCE_API_SECRET` or `BINANCE_ED25519_KEY_FILE`. Nil: no key set.
    public static func binance(
        environment: [String: String], envFile: String?
    ) throws(BotError) -> VenueKeys? {
        var values = try envFile.map { path throws(BotError) in try readEnvFile(path) } ?? [:]
        values.merge(environment) { _, outer in outer }
        guard let key = values["BINANCE_API_KEY"], !key.isEmpty else { return nil }
        if let path = values["BINANCE_ED25519_KEY_FILE"], !path.isEmpty {
            let pem = try readPrivate(path)
            return VenueKeys(apiKey: key, hmacSecret: nil, ed25519: Secret(pem))
        }
        guard let secret = values["BINANCE_API_SECRET"], !secret.isEmpty else {
            throw .setup(
                "BINANCE_API_KEY is set without BINANCE_API_SECRET or BINANCE_ED25519_KEY_FILE; "
                    + "set one of them")
        }
        return VenueKeys(apiKey: key, hmacSecret: Secret(secret), ed25519: nil)
    }

    /// Lines `NAME=value`; blank lines and `#` comments are skipped. No file: nothing.
    static func readEnvFile(_ path: String) throws(BotError) -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let text = try readPrivate(path)
        var values: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            guard let equals = trimmed.firstIndex(of: "=") else {
                throw .setup("\(path):\(index + 1): write NAME=value")
            }
            let value = trimmed[trimmed.index(after: equals)...]
            values[String(trimmed[..<equals])] = value.trimmingCharacters(
                in: CharacterSet(charactersIn: "\"' "))
        }
        return values
    }

    /// A file that nobody but its owner may read.
    private static func readPrivate(_ path: String) throws(BotError) -> String {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .setup("\(path) cannot be found") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .setup("\(path) must be a plain file, not a link")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .setup("\(path) can be read by others; run: chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() else {
            throw .setup("\(path) belongs to another user")
        }
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(data: data, encoding: .utf8)
        else { throw .setup("\(path) cannot be read as UTF-8 text") }
        return text
    }
}
