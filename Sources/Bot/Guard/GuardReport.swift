// GuardReport.swift — what `needletail guard` shows: read from files, also when nobody runs.
import Core
import Foundation

/// One side of the pulse; keys are part of the command line's contract.
public struct PulseDocument: Codable, Sendable, Equatable {
    /// `none`, `starting`, `up`, `ended`, `failed`, `died`, or `settled`: died, and dealt with.
    public var state: String
    /// Nil while it does not live.
    public var pid: UInt32?
    /// Milliseconds since its last turn; nil while it does not live.
    public var ageMs: Int64?

    init(_ view: Pulse.View, now: Int64) {
        let isWorking = view.state == .up || view.state == .starting
        state = isWorking && !view.isAlive ? "died" : "\(view.state)"
        guard view.isAlive else { return }
        pid = view.pid
        ageMs = view.state == .up ? (now - view.stamp) / 1_000_000 : nil
    }
}

public struct GuardReport: Codable, Sendable {
    public var `guard`: PulseDocument
    public var bot: PulseDocument
    /// What no bot has taken notice of yet.
    public var incident: GuardIncident?
    /// The newest lines of guard/guard.jsonl, oldest first.
    public var records: [GuardRecord]

    /// A guard is at work.
    public var isGuarded: Bool { `guard`.state == "up" }

    /// `last`: at most so many records.
    public static func read(
        _ directory: DataDirectory, last: Int, clock: Clock = .system
    ) throws(BotError) -> GuardReport {
        guard FileManager.default.fileExists(atPath: directory.pulse) else {
            let never = PulseDocument(
                Pulse.View(isAlive: false, state: .none, run: 0), now: clock.monotonic)
            return GuardReport(guard: never, bot: never, incident: nil, records: [])
        }
        do throws(CoreError) {
            let pulse = try Pulse(path: directory.pulse)
            let now = clock.monotonic
            return GuardReport(
                guard: PulseDocument(pulse.look(.guardian), now: now),
                bot: PulseDocument(pulse.look(.bot), now: now),
                incident: GuardIncident.read(directory), records: GuardLog.last(last, directory))
        } catch {
            throw .setup(error.text)
        }
    }
}
