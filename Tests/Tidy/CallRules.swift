// CallRules.swift — calls that are banned somewhere, each with what to write instead.
import Foundation

/// A pattern that may not occur in the code of some files.
struct BannedCall {
    let pattern: String
    let instead: String
    let applies: @Sendable (SourceFile) -> Bool
}

/// Modules whose results must follow from their inputs alone.
private let decidingFolders = [
    "Sources/Analytics/", "Sources/Risk/", "Sources/Strategy/", "Sources/Strategies/",
    "Sources/Core/Values/",
]

@Sendable private func isDeciding(_ file: SourceFile) -> Bool {
    file.language == .swift && decidingFolders.contains { file.path.hasPrefix($0) }
}

@Sendable private func isProgram(_ file: SourceFile) -> Bool {
    file.language == .swift && !file.isTest && !file.path.hasPrefix("Benchmarks/")
        && file.path != "Package.swift"
}

@Sendable private func isLibrary(_ file: SourceFile) -> Bool {
    isProgram(file) && !file.path.hasPrefix("Sources/needletail")
        && !file.path.hasPrefix("Examples/")
}

@Sendable private func isC(_ file: SourceFile) -> Bool { file.language == .c && !file.isTest }

let bannedCalls: [BannedCall] = [
    BannedCall(
        pattern: #"\btry!"#, instead: "`do throws(…) { try … } catch`, or pass the error on",
        applies: isProgram),
    BannedCall(
        pattern: #"\bas!"#, instead: "`as?` with `guard`, or a type that needs no cast",
        applies: isProgram),
    BannedCall(
        pattern: #"(?<!\btry)(?<!\bas)(?<=[A-Za-z0-9_\)\]])!(?!=)"#,
        instead: "`guard let`, or `preconditionFailure(\"why this cannot be\")`",
        applies: isProgram),
    BannedCall(
        pattern: #"\bfatalError\("#, instead: "`preconditionFailure(\"why this cannot be\")`",
        applies: isProgram),
    BannedCall(
        pattern: #"(?<![.\w])(?<!func )print\("#,
        instead: "a returned value, a log line, or the Console of the command",
        applies: isLibrary),
    BannedCall(
        pattern: #"\bDate\(\)|\bDate\.now\b|\bContinuousClock\b|\bSuspendingClock\b|"#
            + #"\bDispatchTime\b|\bclock_gettime\b|\bgettimeofday\b"#,
        instead: "the time that is passed in (the clock seam)", applies: isDeciding),
    BannedCall(
        pattern: #"\bSystemRandomNumberGenerator\b|\.random\(in:[^,)]*\)|\.randomElement\(\)|"#
            + #"\.shuffled\(\)|\barc4random\b"#,
        instead: "the random seam, so that a seed replays it", applies: isDeciding),
    BannedCall(
        pattern: #"\bFileManager\b|\bFileHandle\b|\bProcessInfo\b|\bURLSession\b|\bgetenv\b"#,
        instead: "a value passed in: deciding code does no input or output", applies: isDeciding),
    BannedCall(
        pattern: #"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\("#,
        instead: "`snprintf` or `memcpy` with a length", applies: isC),
    BannedCall(
        pattern: #"\b(atoi|atol|atof|strtod|strtof)\s*\("#,
        instead: "`nt_decimal_…`, which refuses what is not a number", applies: isC),
    BannedCall(
        pattern: #"\b(rand|srand|random)\s*\("#, instead: "`nt_random_…`, the random seam",
        applies: isC),
    BannedCall(
        pattern: #"\bgoto\s+(?!fail\b)\w+"#, instead: "the single `fail:` ladder", applies: isC),
]

/// Every banned call in the file's code. Strings and comments do not count.
func bannedCallsFound(_ file: SourceFile) -> [Violation] {
    bannedCalls.filter { $0.applies(file) }.flatMap { call in
        matches(of: call.pattern, in: file.code).map { match in
            let message = "`\(match.text)` is banned here; use \(call.instead)"
            return file.violation("banned-call", line: match.line, message)
        }
    }
}

/// State machines must name every state: a `default:` hides the one that is added later.
func defaultsInStateMachines(_ file: SourceFile) -> [Violation] {
    guard file.name.hasSuffix("StateMachine.swift") else { return [] }
    return matches(of: #"\bdefault\s*:"#, in: file.code).map { match in
        file.violation(
            "state-machine-default", line: match.line, "`default:` hides new states; list them")
    }
}

/// Work left open must say which issue holds it.
func unfinishedWork(_ file: SourceFile) -> [Violation] {
    let pattern = #"(?m)^.*\b(?:TO"# + #"DO|FIX"# + #"ME|XX"# + #"X|HA"# + #"CK)\b.*$"#
    return matches(of: pattern, in: file.text).compactMap { match in
        guard matches(of: #"#[0-9]+"#, in: match.text).isEmpty else { return nil }
        return file.violation("todo", line: match.line, "needs an issue number, such as (#12)")
    }
}

/// A match of a pattern: its text and the line (from 1) it begins on.
struct Match: Equatable {
    let text: String
    let line: Int
    let groups: [String]
}

/// All matches of a regular expression. An invalid one is a defect of the rule.
func matches(of pattern: String, in text: some StringProtocol) -> [Match] {
    guard let expression = try? NSRegularExpression(pattern: pattern) else {
        preconditionFailure("a rule's pattern does not compile: \(pattern)")
    }
    let whole = String(text) as NSString
    let range = NSRange(location: 0, length: whole.length)
    var line = 1, counted = 0
    return expression.matches(in: whole as String, range: range).map { result in
        let between = NSRange(location: counted, length: result.range.location - counted)
        line += whole.substring(with: between).utf8.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
        counted = result.range.location
        let groups = (1..<max(1, result.numberOfRanges)).map { group in
            let range = result.range(at: group)
            return range.location == NSNotFound ? "" : whole.substring(with: range)
        }
        return Match(text: whole.substring(with: result.range), line: line, groups: groups)
    }
}
