// ConfigurationValue.swift — a configuration as a tree, for people (YAML) and programs (JSON).
import Yams

/// Money and quantities are texts, ratios and counts numbers, as in every document.
public indirect enum ConfigurationValue: Sendable, Equatable, Encodable {
    case none
    case text(String)
    case number(Int64)
    case fraction(Double)
    case flag(Bool)
    case list([ConfigurationValue])
    /// In the order of the file.
    case section([Entry])

    public struct Entry: Sendable, Equatable {
        public var key: String
        public var value: ConfigurationValue

        init(_ key: String, _ value: ConfigurationValue) {
            self.key = key
            self.value = value
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .none: try container.encodeNil()
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .fraction(let fraction): try container.encode(fraction)
        case .flag(let flag): try container.encode(flag)
        case .list(let items): try container.encode(items)
        case .section(let entries):
            // A dictionary's keys stay as they are; a keyed container's would be rewritten.
            let pairs = entries.map { ($0.key, $0.value) }
            try container.encode(Dictionary(pairs) { _, last in last })
        }
    }

    /// Dotted keys of all values that are no section.
    var leaves: [String] {
        guard case .section(let entries) = self else { return [] }
        return entries.flatMap { entry in
            guard case .section = entry.value else { return [entry.key] }
            return entry.value.leaves.map { "\(entry.key).\($0)" }
        }
    }
}

extension ConfigurationValue {
    /// Block style, two spaces a level; reads back as the same values.
    public var yaml: [String] { lines(indent: "") }

    private func lines(indent: String) -> [String] {
        guard case .section(let entries) = self else { return [] }
        return entries.flatMap { entry -> [String] in
            let key = Self.plain(entry.key)
            guard case .section(let inner) = entry.value, !inner.isEmpty else {
                return ["\(indent)\(key): \(entry.value.inline)"]
            }
            return ["\(indent)\(key):"] + entry.value.lines(indent: indent + "  ")
        }
    }

    private var inline: String {
        switch self {
        case .none: "null"
        case .text(let text): Self.plain(text)
        case .number(let number): String(number)
        case .fraction(let fraction): fraction.description
        case .flag(let flag): flag ? "true" : "false"
        case .list(let items): "[\(items.map(\.inline).joined(separator: ", "))]"
        case .section: "{}"
        }
    }

    /// Quoted unless it is surely a plain scalar (https://yaml.org/spec/1.2.2/#733-plain-style).
    private static func plain(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "/") } == true
            && text.last != ":"
            && text.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "_-./:".contains($0))
            }
        if isPlain { return text }
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n").replacing("\t", with: "\\t")
        return "\"\(escaped)\""
    }

    /// As written: scalars that are neither a whole number nor a flag stay text.
    init(_ node: Node) {
        if let mapping = node.mapping {
            self = .section(
                mapping.map { Entry($0.key.string ?? "?", ConfigurationValue($0.value)) })
        } else if let sequence = node.sequence {
            self = .list(sequence.map { ConfigurationValue($0) })
        } else if node.null != nil {
            self = .none
        } else if let flag = node.bool {
            self = .flag(flag)
        } else {
            let text = node.scalar?.string ?? ""
            self = Int64(text).map { .number($0) } ?? .text(text)
        }
    }
}
