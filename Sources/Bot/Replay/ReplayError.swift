// ReplayError.swift — why a recording could not be replayed at all.
import Core

package enum ReplayError: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    /// `line` counts from 1.
    case malformed(path: String, line: Int, problem: String)
    /// The options do not go together with the file or with each other.
    case usage(String)
    case core(CoreError)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .malformed(let path, let line, let problem): "\(path):\(line): \(problem)"
        case .usage(let text): text
        case .core(let error): error.description
        }
    }
}

/// A failure of the core as a replay's.
func inCore<Result>(_ body: () throws(CoreError) -> Result) throws(ReplayError) -> Result {
    do throws(CoreError) { return try body() } catch { throw .core(error) }
}
