// DoctorReport.swift — what `needletail doctor` found; keys are the command line's contract.

/// One thing that was looked at.
public struct DoctorCheck: Encodable, Sendable {
    public enum State: String, Encodable, Sendable, CaseIterable {
        case ok
        /// It works, but worse than it could.
        case warn
        /// The bot will not start, or not trade.
        case fail
        /// It was not asked for, or does not apply.
        case skip
    }

    /// Stable, such as `keys.mode`.
    public var id: String
    /// What it is about, in words.
    public var check: String
    public var found: String
    public var state: State
    /// Empty when there is nothing to mend.
    public var mend: String

    init(_ id: String, _ check: String, _ state: State, _ found: String, mend: String = "") {
        self.id = id
        self.check = check
        self.state = state
        self.found = Redactor.live.redact(found)
        self.mend = state == .ok ? "" : mend
    }
}

public struct DoctorReport: Encodable, Sendable {
    public var checks: [DoctorCheck]
    public var ok: Int { count(.ok) }
    public var warn: Int { count(.warn) }
    public var fail: Int { count(.fail) }

    private enum CodingKeys: String, CodingKey { case checks, ok, warn, fail }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(checks, forKey: .checks)
        try container.encode(ok, forKey: .ok)
        try container.encode(warn, forKey: .warn)
        try container.encode(fail, forKey: .fail)
    }

    private func count(_ state: DoctorCheck.State) -> Int {
        checks.count { $0.state == state }
    }
}
