// Allowances.swift — exceptions to the rules, each with its reason, in the file tidy.allow.
//
//     rule path reason in words
//
// An entry lifts one rule for one file. An entry without a reason, and one that lifts nothing any
// more, is itself a violation, so that the list only shrinks.
import Foundation

struct Allowances {
    private struct Entry {
        let rule: String
        let path: String
        let reason: String
        let line: Int
    }

    private let entries: [Entry]

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        entries = lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard let rule = words.first, !rule.hasPrefix("#") else { return nil }
            return Entry(
                rule: String(rule), path: words.count > 1 ? String(words[1]) : "",
                reason: words.count > 2 ? String(words[2]) : "", line: index + 1)
        }
    }

    /// What is left of the violations, and the entries that are wrong themselves.
    func apply(to violations: [Violation]) -> [Violation] {
        let kept = violations.filter { violation in
            !entries.contains {
                $0.rule == violation.rule && $0.path == violation.path && !$0.reason.isEmpty
            }
        }
        return kept + entries.compactMap { problem(with: $0, violations) }
    }

    private func problem(with entry: Entry, _ violations: [Violation]) -> Violation? {
        let text: String
        if entry.reason.isEmpty {
            text = "an exception needs: rule, path, reason"
        } else if !violations.contains(where: { $0.rule == entry.rule && $0.path == entry.path }) {
            text = "\(entry.path) keeps the rule \(entry.rule) by now; remove this line"
        } else {
            return nil
        }
        return Violation(rule: "allow", path: "tidy.allow", line: entry.line, message: text)
    }
}
