// SizeRules.swift — lines, files and functions stay small enough to be read at once.
import Foundation

let columnLimit = 100
let functionLimit = 70
let swiftFileLimit = 400
let cFileLimit = 800

/// No line beyond the column limit. A line that holds a link may be as long as the link.
func longLines(_ file: SourceFile) -> [Violation] {
    file.lines.enumerated().compactMap { index, line in
        guard line.count > columnLimit, !line.contains("https://") else { return nil }
        let message = "\(line.count) columns; the limit is \(columnLimit)"
        return file.violation("line-length", line: index + 1, message)
    }
}

/// No tab characters (a Makefile needs them, so it is not asked).
func tabs(_ file: SourceFile) -> [Violation] {
    file.lines.enumerated().compactMap { index, line in
        guard line.contains("\t") else { return nil }
        return file.violation("tabs", line: index + 1, "a tab; use four spaces")
    }
}

func longFile(_ file: SourceFile) -> [Violation] {
    let limit = file.language == .c ? cFileLimit : swiftFileLimit
    let count = file.text.hasSuffix("\n") ? file.lines.count - 1 : file.lines.count
    guard count > limit else { return [] }
    return [file.violation("file-length", line: limit, "\(count) lines; the limit is \(limit)")]
}

/// Functions over the limit, counted from the line of `{` to the line of `}`.
func longFunctions(_ file: SourceFile) -> [Violation] {
    let bodies = file.language == .c ? cFunctionBodies(file.code) : swiftFunctionBodies(file.code)
    return bodies.compactMap { body in
        guard body.count > functionLimit else { return nil }
        let message = "a function of \(body.count) lines; the limit is \(functionLimit)"
        return file.violation("function-length", line: body.lowerBound, message)
    }
}

// MARK: - Finding bodies

/// Line ranges (from 1) of the bodies of C functions: braces at file level after a `)`.
func cFunctionBodies(_ code: String) -> [ClosedRange<Int>] {
    var bodies: [ClosedRange<Int>] = []
    var depth = 0, line = 1, opened = 0, before: UInt8 = 0
    var inDirective = false, lineIsEmpty = true
    for byte in code.utf8 {
        switch byte {
        case UInt8(ascii: "\n"):
            inDirective = inDirective && before == UInt8(ascii: "\\")
            lineIsEmpty = true
            line += 1
            continue
        case UInt8(ascii: " "):
            continue
        case UInt8(ascii: "#") where lineIsEmpty:
            inDirective = true
        case UInt8(ascii: "{") where !inDirective:
            if depth == 0 { opened = before == UInt8(ascii: ")") ? line : 0 }
            depth += 1
        case UInt8(ascii: "}") where !inDirective:
            depth -= 1
            if depth == 0, opened > 0 { bodies.append(opened...line) }
        default:
            break
        }
        lineIsEmpty = false
        before = byte
    }
    return bodies
}

/// Line ranges (from 1) of the bodies of Swift functions, initialisers and computed properties.
func swiftFunctionBodies(_ code: String) -> [ClosedRange<Int>] {
    let bytes = Array(code.utf8)
    var bodies: [ClosedRange<Int>] = []
    var line = 1
    for (index, byte) in bytes.enumerated() {
        if byte == UInt8(ascii: "\n") { line += 1 }
        guard startsDeclaration(bytes, index), let open = bodyStart(bytes, after: index),
            let close = closingBrace(bytes, from: open)
        else { continue }
        let first = line + newlines(bytes[index..<open])
        bodies.append(first...(first + newlines(bytes[open..<close])))
    }
    return bodies
}

private let declarationWords = ["func", "init", "deinit", "subscript", "var"].map { Array($0.utf8) }

private func isWord(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "`")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
}

private func startsDeclaration(_ bytes: [UInt8], _ index: Int) -> Bool {
    if index > 0, isWord(bytes[index - 1]) { return false }
    return declarationWords.contains { word in
        let end = index + word.count
        return end < bytes.count && bytes[index..<end].elementsEqual(word) && !isWord(bytes[end])
    }
}

/// The `{` that opens the declaration's body, or nil when it has none (a protocol's requirement,
/// a stored property).
private func bodyStart(_ bytes: [UInt8], after start: Int) -> Int? {
    let ends = Set("})];".utf8)
    var depth = 0, before: UInt8 = 0
    for index in start..<bytes.count {
        let byte = bytes[index]
        if depth == 0 {
            if byte == UInt8(ascii: "{") { return index }
            if ends.contains(byte) || isAssignment(bytes, index) { return nil }
            if byte == UInt8(ascii: "\n"), before != UInt8(ascii: ","),
                !continues(bytes, after: index)
            {
                return nil
            }
        }
        if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") { depth += 1 }
        if byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") { depth -= 1 }
        if byte != UInt8(ascii: " ") { before = byte }
    }
    return nil
}

/// A single `=` outside an operator, as in `var x = 1` or a default value.
private func isAssignment(_ bytes: [UInt8], _ index: Int) -> Bool {
    let around = Set("=<>!".utf8)
    guard bytes[index] == UInt8(ascii: "="), index > 0, index + 1 < bytes.count else {
        return false
    }
    return !around.contains(bytes[index - 1]) && bytes[index + 1] != UInt8(ascii: "=")
}

/// Does the declaration go on after this newline?
private func continues(_ bytes: [UInt8], after newline: Int) -> Bool {
    let rest = bytes[(newline + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    return ["{", "->", "where", "throws", "async", "rethrows", "("].contains {
        rest.starts(with: $0.utf8)
    }
}

private func closingBrace(_ bytes: [UInt8], from open: Int) -> Int? {
    var depth = 0
    for index in open..<bytes.count {
        if bytes[index] == UInt8(ascii: "{") { depth += 1 }
        if bytes[index] == UInt8(ascii: "}") {
            depth -= 1
            if depth == 0 { return index }
        }
    }
    return nil
}

private func newlines(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
}
