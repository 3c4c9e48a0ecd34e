// PathRules.swift — files that are named must be there, and no file knows one person's machine.
import Foundation

/// Files of ours that a comment, a help text or a document names and that do not exist.
///
/// Only names with a file's ending count: folders and patterns such as `<name>_test.c` are words.
/// `exists` is asked with a path from the repository's root.
func deadPaths(_ file: SourceFile, exists: (String) -> Bool) -> [Violation] {
    let pattern =
        #"(?<![\w/.<>-])(?:docs|Sources|CCore|Tests|Tools|Benchmarks)/[\w/+.-]*"#
        + #"\.(?:swift|c|h|md|mk|py|js|txt)\b(?!/)"#
    return matches(of: pattern, in: file.text).filter { !exists($0.text) }.map {
        file.violation("dead-path", line: $0.line, "\($0.text) does not exist")
    }
}

/// Paths that exist on one machine only. A test may name /tmp; a program asks for the folder.
func machinePaths(_ file: SourceFile) -> [Violation] {
    let places = file.isTest ? "root|home|work|Users" : "root|home|work|Users|tmp"
    return matches(of: #"(?<![\w.*/}>)-])/(?:\#(places))(?:/\w|")"#, in: file.text).map {
        file.violation(
            "machine-path", line: $0.line,
            "`\($0.text)` is a place of one machine; pass the folder in")
    }
}
