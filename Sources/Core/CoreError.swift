// CoreError.swift — a failure of the C core, with its name and, where it has one, its text.
import CCore

/// A named failure that came out of the core.
public struct CoreError: Error, Equatable, CustomStringConvertible {
    /// Stable names; the raw values are those of `nt/status.h`.
    public enum Code: Int32, Sendable {
        case invalid = -1
        case overflow = -2
        case full = -3
        case empty = -4
        case notFound = -5
        case busy = -6
        case gap = -7
        case stale = -8
        case unsupported = -9
        case corrupt = -10
        case closed = -11
        case timeout = -12
        case refused = -13
        case io = -14
        case noMemory = -15
        case noRing = -16
        case tls = -17
        case `protocol` = -18
        case duplicate = -19
        case version = -20
        case locked = -21
    }

    public let code: Code
    /// What failed, in English; never empty.
    public let text: String

    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    public var description: String { text }
}

/// Throws the failure that `status` names; the text is the core's own, else the status' name.
package func check(_ status: nt_status, _ operation: String = "") throws(CoreError) {
    guard status != NT_OK else { return }
    throw failure(status, operation)
}

package func failure(_ status: nt_status, _ operation: String = "") -> CoreError {
    let detail = String(cString: nt_last_error())
    let name = String(cString: nt_status_text(status))
    let text = detail.isEmpty ? name : detail
    let code = CoreError.Code(rawValue: Int32(status.rawValue)) ?? .invalid
    return CoreError(code, operation.isEmpty ? text : "\(operation): \(text)")
}
