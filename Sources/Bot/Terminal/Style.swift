// Style.swift — colours only where a person watches: on a terminal, and not under NO_COLOR.
import Foundation
import Glibc

public struct Style: Sendable {
    public let isColoured: Bool

    public init(isColoured: Bool) { self.isColoured = isColoured }

    /// For standard output as it is now.
    public static func standardOutput() -> Style {
        let environment = ProcessInfo.processInfo.environment
        return Style(
            isColoured: isWanted(isTerminal: isatty(STDOUT_FILENO) == 1, environment))
    }

    /// NO_COLOR refuses when it is set and not empty (https://no-color.org).
    static func isWanted(isTerminal: Bool, _ environment: [String: String]) -> Bool {
        isTerminal && environment["NO_COLOR", default: ""].isEmpty
    }

    public func bold(_ text: String) -> String { wrap(text, "1") }
    public func dim(_ text: String) -> String { wrap(text, "2") }
    public func good(_ text: String) -> String { wrap(text, "32") }
    public func bad(_ text: String) -> String { wrap(text, "31") }
    public func warn(_ text: String) -> String { wrap(text, "33") }

    /// Green above zero, red below.
    public func signed(_ text: String) -> String {
        if text.hasPrefix("-") { return bad(text) }
        return text.contains(where: { ("1"..."9").contains($0) }) ? good(text) : text
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
