// ConfigurationOverrides.swift — `--set key=value`, put over what the file says.
import Yams

/// Applied to the YAML before it is read, so that the same checks hold for both.
struct ConfigurationOverrides {
    /// What stands for the file's name in a problem; the line is the option's place, from 1.
    static let place = "--set"

    private struct Setting {
        let position: Int
        let key: String
        let value: Node
    }

    private var settings: [Setting] = []
    /// Of options that cannot be read.
    private(set) var problems: [ConfigurationProblem] = []

    init(_ texts: [String]) {
        for (index, text) in texts.enumerated() { read(text, position: index + 1) }
    }

    private mutating func read(_ text: String, position: Int) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = parts[0].trimmingSpaces
        let path = key.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, path.allSatisfy({ !$0.isEmpty }) else {
            report(position, key, "is not key=value", "Write it as in `--set strategy.fast=5`.")
            return
        }
        guard let value = try? Yams.compose(yaml: String(parts[1])) else {
            let mend = "Write a value as the file would have it; an empty one is `null`."
            report(position, key, "has no readable value", mend)
            return
        }
        settings.append(Setting(position: position, key: key, value: value))
    }

    private mutating func report(_ line: Int, _ key: String, _ problem: String, _ mend: String) {
        problems.append(
            ConfigurationProblem(
                file: Self.place, line: line, key: key.isEmpty ? "(option)" : key,
                problem: problem, mend: mend))
    }

    func apply(to node: inout Node) {
        for setting in settings {
            Self.put(setting.value, at: setting.key.split(separator: ".")[...], into: &node)
        }
    }

    /// A section that is not there is made; what is no section is replaced by one.
    private static func put(
        _ value: Node, at path: ArraySlice<Substring>, into node: inout Node
    ) {
        guard let first = path.first else {
            node = value
            return
        }
        if node.mapping == nil { node = Node([(Node, Node)]()) }
        let key = Node(String(first))
        var child = node.mapping?[key] ?? Node([(Node, Node)]())
        put(value, at: path.dropFirst(), into: &child)
        node.mapping?[key] = child
    }

    /// A problem of a value that an option gave belongs to the option, not to a line of the file.
    func located(_ problem: ConfigurationProblem) -> ConfigurationProblem {
        let cause = settings.last { setting in
            problem.key == setting.key || problem.key.hasPrefix(setting.key + ".")
                || setting.key.hasPrefix(problem.key + ".")
        }
        guard let cause else { return problem }
        var moved = problem
        moved.file = Self.place
        moved.line = cause.position
        return moved
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
