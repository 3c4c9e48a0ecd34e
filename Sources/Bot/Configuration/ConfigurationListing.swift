// ConfigurationListing.swift — `needletail config`: checked whole, shown without secrets.
import Foundation

/// What a check found; keys are part of the command line's contract.
public struct ConfigurationCheck: Encodable, Sendable {
    public var file: String
    public var valid: Bool
    public var errors: [ConfigurationProblem]

    /// Reads `file` whole, with `--set` values over it. A live configuration must also have every
    /// limit: the bot would not start without.
    public static func of(file: String, overrides: [String] = []) -> ConfigurationCheck {
        var problems: [ConfigurationProblem] = []
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(path: file, overrides: overrides)
            problems = configuration.missingForLive(file: file)
        } catch {
            problems = error.problems
        }
        return ConfigurationCheck(file: file, valid: problems.isEmpty, errors: problems)
    }
}

extension Configuration {
    fileprivate func missingForLive(file: String) -> [ConfigurationProblem] {
        guard mode == .live else { return [] }
        return unsetLimits.map { key in
            ConfigurationProblem(
                file: file, line: 1, key: key, problem: "is not set, and mode: live needs it",
                mend: "Write it, or `limits.default` for every instrument.")
        }
    }
}

/// A configuration for people and programs, secrets masked.
public struct ConfigurationListing: Encodable, Sendable {
    public var file: String
    public var effective: Bool
    public var configuration: ConfigurationValue
    /// For people.
    public var text: String

    private enum CodingKeys: String, CodingKey { case file, effective, configuration }

    /// As the file has it, comments included; `overrides` change it as `effective` does.
    public static func asWritten(
        file: String, overrides: [String] = []
    ) throws(ConfigurationError) -> ConfigurationListing {
        _ = try Configuration.load(path: file, overrides: overrides)
        let text = try Configuration.readText(file)
        var node = try Configuration.compose(text, file: file)
        ConfigurationOverrides(overrides).apply(to: &node)
        let value = ConfigurationValue(node).masked
        let shown = overrides.isEmpty ? masked(text) : value.yaml.joined(separator: "\n") + "\n"
        return ConfigurationListing(
            file: file, effective: false, configuration: value, text: shown)
    }

    /// With every default filled in and every path resolved.
    public static func effective(
        file: String, overrides: [String] = []
    ) throws(ConfigurationError) -> ConfigurationListing {
        let configuration = try Configuration.load(path: file, overrides: overrides)
        let value = configuration.effective.masked
        return ConfigurationListing(
            file: file, effective: true, configuration: value,
            text: value.yaml.joined(separator: "\n") + "\n")
    }

    /// `text` line by line without what looks like a secret.
    static func masked(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let colon = line.firstIndex(of: ":") else { return SecretNames.masked(line) }
            let key = line[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: " \t#-\"'"))
            let value = line[line.index(after: colon)...]
            guard SecretNames.match(key), !value.allSatisfy(\.isWhitespace) else {
                return SecretNames.masked(line)
            }
            return "\(line[...colon]) \(Redactor.mask)"
        }
        return Redactor.live.redact(lines.joined(separator: "\n"))
    }
}

/// Names of keys whose values are nobody's business.
enum SecretNames {
    private static let parts = [
        "secret", "token", "password", "passphrase", "api_key", "private", "webhook_url",
    ]

    static func match(_ key: some StringProtocol) -> Bool {
        let name = key.lowercased()
        return parts.contains { name.contains($0) }
    }

    /// This process' environment without what is secret: all that a program sees that we start.
    static var harmlessEnvironment: [String: String] {
        ProcessInfo.processInfo.environment.filter { !match($0.key) }
    }

    /// Without the name and password of a URL such as `https://name:password@host`.
    static func masked(_ text: some StringProtocol) -> String {
        String(text).replacing(#/:\/\/[^\/@\s]+@/#, with: "://\(Redactor.mask)@")
    }
}

extension ConfigurationValue {
    fileprivate var masked: ConfigurationValue {
        switch self {
        case .section(let entries):
            .section(
                entries.map { entry in
                    let isSecret = SecretNames.match(entry.key) && entry.value != .none
                    return Entry(
                        entry.key, isSecret ? .text(Redactor.mask) : entry.value.masked)
                })
        case .list(let items): .list(items.map(\.masked))
        case .text(let text): .text(Redactor.live.redact(SecretNames.masked(text)))
        case .none, .number, .fraction, .flag: self
        }
    }
}
