// CommandRules.swift — commands, options and screens that a document shows are the program's.
import Foundation

/// What the command line understands, read from the sources of the commands.
struct CommandLineNames {
    let commands: Set<String>
    let options: Set<String>

    init(_ files: [SourceFile]) {
        let text = files.filter { $0.path.hasPrefix("Sources/needletail") }.map(\.text)
            .joined(separator: "\n")
        commands = Set(matches(of: #"commandName: "([a-z-]+)""#, in: text).map { $0.groups[0] })
        let properties = matches(of: #"@(?:Option|Flag)\b([\s\S]*?)\bvar (\w+)"#, in: text)
        let written = properties.map { property in
            matches(of: #"customLong\("([a-z-]+)"\)"#, in: property.groups[0]).first?.groups[0]
                ?? Self.dashed(property.groups[1])
        }
        options = Set(written).union(["help", "version"])
    }

    /// `armLive` is written `--arm-live`.
    private static func dashed(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
}

/// Lines of a document that begin with our program, in a block or in backticks, and name a
/// command or an option that it does not have.
func unknownCommands(_ document: SourceFile, _ names: CommandLineNames) -> [Violation] {
    let line = #"(?m)(?:^ *(?:\$ )?|`)(?:\.build/release/)?needletail ([a-z][a-z-]*)([^`#\n]*)"#
    return matches(of: line, in: document.text).flatMap { match -> [Violation] in
        let options = matches(of: #"(?<!\S)--([a-z][a-z-]*)"#, in: match.groups[1])
            .map { $0.groups[0] }
        let wrong =
            [match.groups[0]].filter { !names.commands.contains($0) }.map { "command \($0)" }
            + options.filter { !names.options.contains($0) }.map { "option --\($0)" }
        return wrong.map {
            document.violation("doc-command", line: match.line, "needletail has no \($0)")
        }
    }
}

/// The tables of the live view must stand in the excerpt with the columns that they have today.
func staleExcerpt(_ document: SourceFile, view: SourceFile) -> [Violation] {
    let tables = matches(of: #"Table\(((?:\s*"[^"]+",?)+)\s*\)"#, in: view.text).map { table in
        matches(of: #"">?([^"]+)""#, in: table.groups[0]).map { $0.groups[0] }
    }
    guard !tables.isEmpty else { return [view.violation("excerpt", line: 1, "no table found")] }
    return tables.compactMap { columns in
        let header = columns.joined(separator: " ")
        let isShown = document.lines.contains { line in
            line.split(separator: " ").joined(separator: " ") == header
        }
        guard !isShown else { return nil }
        return document.violation(
            "excerpt", line: 1, "shows no table with the columns of today: \(header)")
    }
}
