// SessionOutput.swift — where a running bot's venue watch speaks to: lane, log, alarms.
import Core

final class SessionOutput: VenueWatchOutput {
    private let duty: Duty
    private let state: BotState
    private let pump: NoticePump
    private let clock: Clock
    private let count: Int
    private let log: @Sendable (String) -> Void

    /// `count`: connections of the lane.
    init(
        duty: Duty, state: BotState, pump: NoticePump, clock: Clock, count: Int,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.duty = duty
        self.state = state
        self.pump = pump
        self.clock = clock
        self.count = count
        self.log = log
    }

    func tell(_ notice: LaneNotice) { pump.tell(notice) }

    func note(_ level: EventLine.Level, _ subject: String, _ text: String) {
        log("\(subject): \(text)")
        state.desk?.note(clock.wall, subject, text, level: level)
    }

    func post(addresses: [String], of slot: Int) throws(CoreError) {
        try duty.post(addresses: addresses, of: slot)
    }

    func hold(
        _ instrument: InstrumentID, _ cause: HoldCause, _ state: TradingState, reason: String
    ) throws(CoreError) {
        _ = try duty.send(.hold(instrument, cause, state, reason: reason))
    }

    var connections: [ConnectionState] { duty.connections(count) }
}
