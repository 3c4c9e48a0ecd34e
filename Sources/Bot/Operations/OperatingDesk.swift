// OperatingDesk.swift — what stands behind the operating commands: limits in force, the venue's
// slow side, the log and the notifications. All of it off the lane and off the admin thread.
import Core
import Foundation
import VenueKit

final class OperatingDesk: Sendable {
    let limits: LimitsDesk
    let errands = Errands()
    /// Nil: paper, there is no account.
    let venue: (any Venue)?
    let log: LogService
    let notifier: Notifier?
    private let writer: EventWriter

    /// Before the lane's thread runs: the gate's table is read here. `clean` takes secrets out of
    /// texts that leave.
    init(
        _ session: BotSession, venue: (any Venue)?, notify: NotifyTargets,
        clean: @escaping @Sendable (String) -> String = { $0 }
    ) throws(BotError) {
        let configuration = session.configuration
        let table = session.lane.gateTable
        limits = LimitsDesk(
            LaneLimits(account: table.account, instruments: table.instruments), configuration,
            session.instruments)
        self.venue = configuration.mode == .paper ? nil : venue
        log = LogService(LogPlace(dataDirectory: session.directory.root), clean: clean)
        writer = EventWriter(instruments: session.instruments, streams: session.streamNames)
        let channels = try notify.channels(clock: session.clock, clean: clean)
        notifier =
            channels.isEmpty
            ? nil
            : Notifier(
                channels, notify.settings, instruments: session.instruments, state: session.state,
                lane: session.lane, clock: session.clock)
    }

    func start(at wall: Int64) {
        log.start()
        note(wall, "bot", "started, needletail \(needletailVersion)")
        notifier?.start()
    }

    /// After the last notice was taken. What cannot be delivered in a moment is left.
    func stop() {
        notifier?.stop()
        log.stop()
    }

    /// One notice of the lane; the services thread, which it does not hold up.
    func hear(_ notice: LaneNotice) {
        log.write(writer.lines(notice))
        notifier?.hear(notice)
    }

    func note(
        _ wall: Int64, _ subject: String, _ text: String, level: EventLine.Level = .info
    ) {
        log.write([EventLine(time: Times.text(wall), level: level, subject: subject, text: text)])
    }
}
