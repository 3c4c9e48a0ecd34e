// GuardSettings.swift — whether a second process watches over the bot, and what it may do.
import Core

public struct GuardSettings: Sendable, Hashable {
    /// Live trading only: paper has no order at a venue.
    public var enabled = false
    /// The bot starts it when none runs; false: somebody else does, such as systemd.
    public var start = true
    /// A lane without a turn for so long hangs.
    public var afterMilliseconds: Int64 = 5_000
    /// A bot that hangs is ended by SIGKILL before its orders are cancelled.
    public var kill = true

    public init() {}

    static func read(_ reader: ConfigurationReader) -> GuardSettings {
        var out = GuardSettings()
        out.enabled = reader.flag("enabled") ?? out.enabled
        out.start = reader.flag("start") ?? out.start
        out.afterMilliseconds =
            reader.integer("after_ms", in: 500...600_000) ?? out.afterMilliseconds
        out.kill = reader.flag("kill") ?? out.kill
        reader.refuseUnknownKeys()
        return out
    }

    var effective: ConfigurationValue {
        .section([
            .init("enabled", .flag(enabled)), .init("start", .flag(start)),
            .init("after_ms", .number(afterMilliseconds)), .init("kill", .flag(kill)),
        ])
    }
}

extension DataDirectory {
    /// The page that bot and guard share.
    public var pulse: String { root + "/pulse" }
    /// What the guard did, one JSON object a line.
    public var guardLog: String { root + "/guard/guard.jsonl" }
    /// What the guard itself had to say when it could not write there.
    var guardErrors: String { root + "/guard/guard.err" }
    /// There until the bot has taken notice.
    public var guardIncident: String { root + "/guard/incident.json" }
}
