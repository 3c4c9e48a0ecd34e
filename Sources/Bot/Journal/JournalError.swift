// JournalError.swift — why a command about the journal could not do its work, with its exit code.
import Core
import Glibc

public struct JournalError: Error, Equatable {
    public var exitCode: Int32
    /// What is wrong and what to do.
    public var text: String

    init(_ exitCode: Int32, _ text: String) {
        self.exitCode = exitCode
        self.text = text
    }

    init(_ error: CoreError) {
        switch error.code {
        case .corrupt, .version: exitCode = 6
        case .refused: exitCode = 3
        case .locked: exitCode = 75
        default: exitCode = 2
        }
        text = error.text
    }

    /// The directory must be there and readable.
    static func look(_ directory: String) throws(JournalError) {
        guard access(directory, R_OK | X_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw JournalError(
                errno == EACCES ? 77 : 2, "no journal to read in \(directory): \(reason)")
        }
    }
}
