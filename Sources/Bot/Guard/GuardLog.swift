// GuardLog.swift — what the guard saw and did: one JSON object a line, and a word to people.
import Core
import Dispatch
import Foundation

/// A line of `data_dir/guard/guard.jsonl`; keys are part of the command line's contract.
public struct GuardRecord: Codable, Sendable, Equatable {
    /// UTC.
    public var time: String
    /// `started`, `watching`, `struck`, `killed`, `cancelling`, `clear`, `handed_over`,
    /// `recovered`, `bot_ended`, `ended` or `trouble`.
    public var event: String
    /// Of the bot, as in the pulse; nil where it is about the guard alone.
    public var run: UInt32?
    public var pid: UInt32?
    public var text: String
}

/// Nobody waits for the disk: one that hangs must not keep an order alive.
final class GuardLog: @unchecked Sendable {
    private static let stopSeconds = 3.0
    private let queue = DispatchQueue(label: "nt-guard-log")
    /// The queue's alone.
    private let file: LogFile
    private let directory: DataDirectory
    private let channels: [NotifyChannel]
    private let clock: Clock
    private let say: @Sendable (String) -> Void
    private var number: UInt64 = 0

    /// `say`: standard error.
    init(
        _ directory: DataDirectory, channels: [NotifyChannel], clock: Clock,
        say: @escaping @Sendable (String) -> Void
    ) {
        var place = LogPlace(dataDirectory: directory.root)
        place.path = directory.guardLog
        file = LogFile(place)
        self.directory = directory
        self.channels = channels
        self.clock = clock
        self.say = say
        channels.forEach { $0.start() }
    }

    /// A disk that is full must not keep the guard from its work: the line is said instead.
    func note(_ event: String, _ text: String, bot: Pulse.View? = nil) {
        let record = GuardRecord(
            time: Times.text(clock.wall), event: event, run: bot?.run, pid: bot?.pid, text: text)
        say("\(event): \(text)")
        queue.async { [self] in
            do {
                try file.append(try JSONText.encode(record) + Data("\n".utf8))
            } catch {
                say("the guard's log: \((error as? LogProblem)?.text ?? "\(error)")")
            }
        }
    }

    /// Writes it for the next start; `then` hears once it is there. `onlyOver`: not where the bot
    /// has taken the earlier word of it away.
    func leave(
        _ incident: GuardIncident, onlyOver: Bool = false, then: @escaping @Sendable () -> Void = {}
    ) {
        queue.async { [self] in
            if onlyOver, GuardIncident.read(directory)?.run != incident.run { return }
            do throws(BotError) {
                try incident.write(directory)
                then()
            } catch {
                note("trouble", error.text)
            }
        }
    }

    /// What a person must know at once.
    func tell(_ text: String) {
        number += 1
        let message = NotifyMessage(
            number: number, kind: .halt, time: clock.wall, symbol: nil, text: "guard: \(text)")
        for channel in channels { channel.tell(message) }
    }

    /// What waits is given a moment.
    func stop() {
        let written = DispatchSemaphore(value: 0)
        queue.async { written.signal() }
        _ = written.wait(timeout: .now() + Self.stopSeconds)
        channels.forEach { $0.beginStop() }
        channels.forEach { _ = $0.awaitStop(seconds: 3) }
    }

    /// The newest `count` of them, oldest first; lines that cannot be read are left out.
    static func last(_ count: Int, _ directory: DataDirectory) -> [GuardRecord] {
        let data = FileManager.default.contents(atPath: directory.guardLog) ?? Data()
        return data.split(separator: UInt8(ascii: "\n")).suffix(count).compactMap {
            try? JSONText.decode(GuardRecord.self, Data($0))
        }
    }
}
