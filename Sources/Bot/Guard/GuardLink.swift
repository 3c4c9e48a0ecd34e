// GuardLink.swift — the bot's side of its guard: the pulse, a guard that must be there, and what an
// earlier strike asks of this start.
import Core
import Foundation
import Glibc
import Synchronization

/// How the bot stands with its guard; keys are part of the command line's contract.
public struct GuardDocument: Codable, Sendable, Equatable {
    /// `off`, `watching`, or `gone`.
    public var state: String
    /// Of the guard's process; nil while there is none.
    public var pid: UInt32?
    /// A lane without a turn for so long hangs.
    public var afterMs: Int64
    public var kill: Bool
    /// What the guard did that made this bot start, or stay, halted; nil: nothing since the start.
    public var incident: String?
}

final class GuardLink: @unchecked Sendable {
    private static let look = 0.25
    /// A guard that makes no turn for so long is gone: it may wait for the venue meanwhile.
    private static let silence: Int64 = 30_000_000_000
    private static let startPatience: Int64 = 20_000_000_000
    private static let haltPatience: Int64 = 5_000_000_000
    /// Between two tries to start it again.
    private static let again: Int64 = 5_000_000_000

    private struct Content {
        var isGone = false
        var incident: String?
    }

    /// Nil: switched off, or paper.
    let pulse: Pulse?
    private let isLive: Bool
    private let settings: GuardSettings
    private let directory: DataDirectory
    private let arguments: [String]?
    private let clock: Clock
    private let content = Mutex(Content())
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)
    private var isRunning = false
    /// What only the thread uses, after the start.
    private var child: pid_t?
    private var tried: Int64 = 0
    private var seen: (turns: UInt64, at: Int64) = (0, 0)

    /// `arguments`: of a guard that this bot starts itself; nil: it cannot.
    init(
        _ configuration: Configuration, _ directory: DataDirectory, arguments: [String]?,
        clock: Clock
    ) throws(BotError) {
        settings = configuration.guardian
        isLive = configuration.mode == .live
        self.directory = directory
        self.arguments = arguments
        self.clock = clock
        guard isLive, settings.enabled else {
            pulse = nil
            return
        }
        do throws(CoreError) {
            let pulse = try Pulse(path: directory.pulse)
            try pulse.hold(.bot)
            self.pulse = pulse
        } catch {
            guard error.code != .locked else {
                throw .alreadyRunning("another needletail uses this data directory")
            }
            throw .setup(error.text)
        }
    }

    var document: GuardDocument {
        let found = content.withLock { $0 }
        let state = pulse == nil ? "off" : found.isGone ? "gone" : "watching"
        let view = pulse?.look(.guardian)
        return GuardDocument(
            state: state, pid: view.flatMap { $0.isAlive ? $0.pid : nil },
            afterMs: settings.afterMilliseconds, kill: settings.kill, incident: found.incident)
    }

    /// A guard is at work when it returns, started if need be. Before the first order.
    func ready() throws(BotError) {
        guard let pulse else { return }
        if isThere(pulse) { return }
        guard settings.start, let arguments else {
            throw .refused(
                "guard.enabled is set and no guard is at work; start needletail-guard first, or "
                    + "let the bot do it with guard.start: true")
        }
        let id = try GuardProcess.start(arguments + ["--once"], errors: directory.guardErrors)
        child = id
        let end = clock.monotonic + Self.startPatience
        while !isThere(pulse) {
            var status: Int32 = 0
            let isOver = waitpid(id, &status, WNOHANG) == id
            guard !isOver, clock.monotonic < end else {
                throw .refused(
                    "guard.enabled is set and needletail-guard "
                        + (isOver ? "ended at once" : "is not ready in time")
                        + "; see \(directory.guardErrors)")
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    private func isThere(_ pulse: Pulse) -> Bool {
        let view = pulse.look(.guardian)
        guard view.isAlive, view.state == .up else { return false }
        if view.turns != seen.turns { seen = (view.turns, clock.monotonic) }
        return clock.monotonic - seen.at < Self.silence
    }

    /// Just before the lane's thread starts: it begins halted where a guard had to strike, and from
    /// now on a silent lane means that it hangs.
    func begin(_ duty: Duty) throws(CoreError) {
        if isLive, let incident = GuardIncident.read(directory) { try halt(duty, incident) }
        pulse?.begin(now: clock.monotonic)
    }

    private func halt(_ duty: Duty, _ incident: GuardIncident) throws(CoreError) {
        _ = try duty.send(
            .halt(.none, reason: "the guard struck: the bot \(incident.cause.rawValue)"))
    }

    /// The end, on purpose. `clean`: no order was left against the will.
    func end(clean: Bool) { pulse?.end(clean: clean) }

    /// Looks after the guard, and after what it leaves.
    func start(_ duty: Duty, _ output: any VenueWatchOutput) {
        guard isLive else { return }
        isRunning = true
        let thread = Thread { [self] in
            while !isStopping.load(ordering: .relaxed) {
                turn(duty, output)
                Thread.sleep(forTimeInterval: Self.look)
            }
            ended.signal()
        }
        thread.name = "nt-guard"
        thread.start()
    }

    func stop() {
        guard isRunning else { return }
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
    }
}

// MARK: - The thread

extension GuardLink {
    private func turn(_ duty: Duty, _ output: any VenueWatchOutput) {
        takeNotice(duty, output)
        guard let pulse else { return }
        reap()
        let isGone = !isThere(pulse)
        if isGone { startAgain() }
        guard isGone != content.withLock({ $0.isGone }) else { return }
        let text =
            isGone ? "the guard is gone; only exits until one is back" : "the guard is back"
        do throws(CoreError) {
            try output.hold(.none, .unguarded, isGone ? .reducing : .active, reason: text)
        } catch {
            return  // No room: the next turn asks again.
        }
        content.withLock { $0.isGone = isGone }
        if isGone {
            output.tell(LaneNotice(alarm: text, of: .none, at: clock.wall))
        } else {
            output.note(.info, "guard", text)
        }
    }

    /// A guard that ended is no zombie.
    private func reap() {
        guard let id = child else { return }
        var status: Int32 = 0
        if waitpid(id, &status, WNOHANG) == id { child = nil }
    }

    private func startAgain() {
        guard settings.start, let arguments, child == nil,
            clock.monotonic - tried >= Self.again
        else { return }
        tried = clock.monotonic
        // What went wrong stands in its own file; the next try is soon.
        child = try? GuardProcess.start(arguments + ["--once"], errors: directory.guardErrors)
    }

    /// Halts for an incident that nobody has looked at. It is removed once the lane is halted: from
    /// then on the journal remembers, until a person resumes.
    private func takeNotice(_ duty: Duty, _ output: any VenueWatchOutput) {
        guard let incident = GuardIncident.read(directory), (try? halt(duty, incident)) != nil
        else { return }
        let end = clock.monotonic + Self.haltPatience
        while duty.lane.trading != .halted {
            guard clock.monotonic < end else { return }
            Thread.sleep(forTimeInterval: 0.002)
        }
        GuardIncident.remove(directory)
        let text =
            "the guard struck at \(incident.time): \(incident.text); halted until you have looked "
            + "and resume"
        content.withLock { $0.incident = text }
        output.tell(LaneNotice(alarm: text, of: .none, at: clock.wall))
    }
}
