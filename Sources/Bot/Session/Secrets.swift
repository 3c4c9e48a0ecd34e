// Secrets.swift — venue keys from the environment or a `.env` file that only its owner can read.
import Foundation
import Glibc

/// A secret text that never prints itself, not even to `dump`, and that `Redactor.live` masks
/// wherever else it turns up.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String
    public init(_ value: String) {
        self.value = value
        Redactor.live.learn(value)
    }
    /// The text itself, for the one call that needs it.
    public func reveal() -> String { value }
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Keys of one venue account.
public struct VenueKeys: Sendable {
    public var apiKey: String
    public var hmacSecret: Secret?
    /// PKCS#8 PEM.
    public var ed25519: Secret?
    /// What `BINANCE_KEY_ENVIRONMENT` says the key is for; nil: not said.
    public var environment: VenueEnvironment?

    /// The key's name is no secret, but it is nobody's business either.
    public init(apiKey: String, hmacSecret: Secret?, ed25519: Secret?) {
        self.apiKey = apiKey
        self.hmacSecret = hmacSecret
        self.ed25519 = ed25519
        Redactor.live.learn(apiKey)
    }
}

public enum Secrets {
    /// `BINANCE_API_KEY` with `BINANCE_API_SECRET` or `BINANCE_ED25519_KEY_FILE`. Nil: no key set.
    /// `owner`: stands before each name, such as `GUARD_`.
    public static func binance(
        environment: [String: String], envFile: String?, owner: String = ""
    ) throws(BotError) -> VenueKeys? {
        var values = try envFile.map { path throws(BotError) in try readEnvFile(path) } ?? [:]
        values.merge(environment) { _, outer in outer }
        let owned = values.filter { $0.key.hasPrefix(owner) }.map {
            (String($0.key.dropFirst(owner.count)), $0.value)
        }
        values = Dictionary(owned) { first, _ in first }
        guard let key = values["BINANCE_API_KEY"], !key.isEmpty else { return nil }
        let environment = try keyEnvironment(values["BINANCE_KEY_ENVIRONMENT"])
        var keys: VenueKeys
        if let path = values["BINANCE_ED25519_KEY_FILE"], !path.isEmpty {
            let pem = try readPrivate(path)
            keys = VenueKeys(apiKey: key, hmacSecret: nil, ed25519: Secret(pem))
        } else if let secret = values["BINANCE_API_SECRET"], !secret.isEmpty {
            keys = VenueKeys(apiKey: key, hmacSecret: Secret(secret), ed25519: nil)
        } else {
            throw .setup(
                "BINANCE_API_KEY is set without BINANCE_API_SECRET or BINANCE_ED25519_KEY_FILE; "
                    + "set one of them")
        }
        keys.environment = environment
        return keys
    }

    /// The guard's own key, `GUARD_BINANCE_…`, else the bot's.
    public static func guardian(
        environment: [String: String], envFile: String?
    ) throws(BotError) -> VenueKeys? {
        let own = try binance(environment: environment, envFile: envFile, owner: "GUARD_")
        if let own { return own }
        return try binance(environment: environment, envFile: envFile)
    }

    private static func keyEnvironment(_ text: String?) throws(BotError) -> VenueEnvironment? {
        guard let text, !text.isEmpty else { return nil }
        guard let environment = VenueEnvironment(rawValue: text) else {
            let all = VenueEnvironment.allCases.map(\.rawValue).joined(separator: ", ")
            throw .setup("BINANCE_KEY_ENVIRONMENT is \"\(text)\"; write one of: \(all)")
        }
        return environment
    }

    /// Teaches `Redactor.live` all that a key file holds, whoever uses it, and venue keys of the
    /// environment. Names of files and of environments are no secrets.
    static func learn(environment: [String: String], envFile: String?) throws(BotError) {
        _ = try binance(environment: environment, envFile: envFile)
        let values = try envFile.map { path throws(BotError) in try readEnvFile(path) } ?? [:]
        let outer = environment.filter { SecretNames.match($0.key) }
        for (name, value) in values.merging(outer, uniquingKeysWith: { _, outer in outer })
        where !name.hasSuffix("_FILE") && !name.hasSuffix("_ENVIRONMENT") {
            Redactor.live.learn(value)
        }
    }

    /// Lines `NAME=value` or `export NAME=value`, quotes around the value allowed; blank lines and
    /// `#` comments are skipped. No file: nothing.
    static func readEnvFile(_ path: String) throws(BotError) -> [String: String] {
        var status = stat()
        guard lstat(path, &status) == 0 || errno != ENOENT else { return [:] }
        let text = try readPrivate(path)
        var values: [String: String] = [:]
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            var trimmed = Substring(line.trimmingCharacters(in: .whitespaces))
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            if trimmed.hasPrefix("export ") { trimmed = trimmed.dropFirst(7) }
            let parts = trimmed.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].trimmingCharacters(in: .whitespaces)
            guard parts.count == 2, !name.isEmpty, !name.contains(where: \.isWhitespace) else {
                throw .setup("\(path):\(index + 1): write NAME=value")
            }
            values[name] = unquoted(parts[1].trimmingCharacters(in: .whitespaces))
        }
        return values
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count > 1, let first = text.first, first == "\"" || first == "'",
            text.last == first
        else { return text }
        return String(text.dropFirst().dropLast())
    }

    /// Whoever may write into the folder could exchange the file; `/tmp` forbids that by its sticky
    /// bit.
    private static func refuseOpenFolder(of path: String) throws(BotError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var status = stat()
        guard stat(folder, &status) == 0 else { throw .setup("\(folder) cannot be read") }
        guard status.st_mode & S_IWOTH == 0 || status.st_mode & S_ISVTX != 0 else {
            throw .setup(
                "\(folder), where a key lies, can be written by all; run: chmod o-w \(folder)")
        }
    }

    /// A file that nobody but its owner may read. Looks at the file it opened, not at the name,
    /// which could be exchanged in between.
    private static func readPrivate(_ path: String) throws(BotError) -> String {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let isLink = errno == ELOOP
            let reason = isLink ? "must be a plain file, not a link" : "cannot be opened"
            let detail = isLink ? "" : ": \(String(cString: strerror(errno)))"
            throw .setup("\(path) \(reason)\(detail)")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .setup("\(path) must be a plain file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .setup("\(path) can be read by others; run: chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() else {
            throw .setup("\(path) belongs to another user")
        }
        try refuseOpenFolder(of: path)
        guard let data = try? file.read(upToCount: 1 << 16),
            let text = String(data: data, encoding: .utf8)
        else { throw .setup("\(path) cannot be read as UTF-8 text") }
        return text
    }
}
