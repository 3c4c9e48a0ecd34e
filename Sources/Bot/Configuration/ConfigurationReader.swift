// ConfigurationReader.swift — reads YAML nodes, collecting every problem with its line.
import Core
import Yams

/// Walks one mapping; unknown keys are problems. A class, so that nested readers share the list.
final class ConfigurationReader {
    private final class Problems { var list: [ConfigurationProblem] = [] }

    private let file: String
    private let path: String
    private let node: Node
    private let problems: Problems
    private var known: Set<String> = []

    convenience init(file: String, node: Node) {
        self.init(file: file, path: "", node: node, problems: Problems())
    }

    private init(file: String, path: String, node: Node, problems: Problems) {
        self.file = file
        self.path = path
        self.node = node
        self.problems = problems
        if node.mapping == nil, !isNull(node) {
            report(node, path.isEmpty ? "(file)" : path, "must be a mapping", "Write `key: value`.")
        }
    }

    var collected: [ConfigurationProblem] { problems.list.sorted { $0.line < $1.line } }

    func report(_ node: Node?, _ key: String, _ problem: String, _ mend: String) {
        problems.list.append(
            ConfigurationProblem(
                file: file, line: node?.mark?.line ?? self.node.mark?.line ?? 1, key: key,
                problem: problem, mend: mend))
    }

    private func isNull(_ node: Node) -> Bool { node.null != nil }

    private func fullKey(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func value(_ key: String) -> Node? {
        known.insert(key)
        guard let found = node.mapping?[key], !isNull(found) else { return nil }
        return found
    }

    /// A nested mapping, or nil when the key is absent.
    func section(_ key: String) -> ConfigurationReader? {
        value(key).map {
            ConfigurationReader(file: file, path: fullKey(key), node: $0, problems: problems)
        }
    }

    /// Nested mappings by key, such as limits by symbol.
    func sections(except: Set<String> = []) -> [(key: String, reader: ConfigurationReader)] {
        (node.mapping ?? [:]).compactMap { key, child in
            guard let name = key.string, !except.contains(name) else { return nil }
            known.insert(name)
            return (
                name,
                ConfigurationReader(
                    file: file, path: fullKey(name), node: child, problems: problems)
            )
        }
    }

    func text(_ key: String) -> String? {
        guard let found = value(key) else { return nil }
        guard let text = found.scalar?.string, !text.isEmpty else {
            report(found, fullKey(key), "must be a text", "Write one value.")
            return nil
        }
        return text
    }

    func texts(_ key: String) -> [String]? {
        guard let found = value(key) else { return nil }
        guard let items = found.sequence, !items.isEmpty, items.allSatisfy({ $0.scalar != nil })
        else {
            report(found, fullKey(key), "must be a list", "Write `[BTCUSDT, ETHUSDT]`.")
            return nil
        }
        return items.compactMap { $0.scalar?.string }
    }

    func flag(_ key: String) -> Bool? {
        guard let found = value(key) else { return nil }
        guard let flag = found.bool else {
            report(found, fullKey(key), "must be true or false", "Write `true` or `false`.")
            return nil
        }
        return flag
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let found = value(key) else { return nil }
        guard let text = found.scalar?.string, let number = Int64(text), range.contains(number)
        else {
            report(
                found, fullKey(key), "must be a whole number",
                "Write a number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    func fraction(_ key: String, in range: ClosedRange<Double>) -> Double? {
        guard let found = value(key) else { return nil }
        guard let text = found.scalar?.string, let number = Double(text), number.isFinite,
            range.contains(number)
        else {
            report(
                found, fullKey(key), "must be a fraction",
                "Write a number from \(range.lowerBound) to \(range.upperBound); 0.01 is 1 %.")
            return nil
        }
        return number
    }

    /// A positive amount of money with at most eight decimals.
    func money(_ key: String) -> Money? {
        guard let found = value(key) else { return nil }
        let text = found.scalar?.string ?? ""
        guard let units = try? Decimals.read(text, decimals: Money.decimals), units > 0 else {
            report(
                found, fullKey(key), "must be a positive amount",
                "Write it as plain digits, such as `500` or `0.25`.")
            return nil
        }
        return Money(units: units)
    }

    /// Plain positive decimal text, kept as text until the instrument's step is known.
    func quantity(_ key: String) -> String? {
        guard let found = value(key) else { return nil }
        let text = found.scalar?.string ?? ""
        guard let units = try? Decimals.read(text, decimals: 12), units > 0 else {
            report(
                found, fullKey(key), "must be a positive quantity",
                "Write it in base units as plain digits, such as `0.01`.")
            return nil
        }
        return text
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let found = value(key) else { return nil }
        let text = found.scalar?.string ?? ""
        guard let choice = Choice(rawValue: text) else {
            let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            report(found, fullKey(key), "\"\(text)\" is not known", "Write one of: \(all).")
            return nil
        }
        return choice
    }

    /// Call after everything was asked for: what was not is a spelling mistake.
    func refuseUnknownKeys() {
        for (key, _) in node.mapping ?? [:] {
            let name = key.string ?? "?"
            guard !known.contains(name) else { continue }
            let all = known.sorted().joined(separator: ", ")
            report(key, fullKey(name), "is not a known key", "Known here: \(all).")
        }
    }
}
