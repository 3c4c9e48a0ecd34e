// GuardService.swift — the guard's process: looks at the bot's pulse, and when the bot hangs or is
// gone without having ended, cancels what it left at the venue.
//
// It runs no strategy, reads no market and keeps no account: a key, a connection of its own, and
// the names of the symbols are all it needs. One thread.
import Core
import Foundation
import Synchronization
import VenueKit

/// What a guard needs besides the configuration; all of it is handed in.
public struct GuardEnvironment: Sendable {
    public var clock = Clock.system
    public var keys: VenueKeys?
    /// The bot's, where the guard's are others: they must belong to the same account.
    public var botKeys: VenueKeys?
    public var notify = NotifyTargets()
    /// One line for people, as things happen.
    public var log: @Sendable (String) -> Void = { _ in }
    /// End with the bot.
    public var isOnce = false
    /// Somebody asks for the end.
    public var isInterrupted: @Sendable () -> Bool = { false }

    public init() {}
}

/// What a guard's life came to.
public enum GuardOutcome: Sendable, Equatable {
    /// The bot ended on purpose, or the guard was asked to end with nothing to do.
    case ended
    /// It struck, and the venue has shown that no order is left.
    case struck
    /// It was asked to end before that was proven.
    case unproven
}

public final class GuardService {
    private static let killPatience: Int64 = 5_000_000_000
    /// Between two looks, at most; nanoseconds.
    private static let longestTurn: Int64 = 100_000_000

    private let configuration: Configuration
    private let directory: DataDirectory
    private let environment: GuardEnvironment
    private let clock: Clock
    private let pulse: Pulse
    private let venue: any KillSwitch
    private let log: GuardLog
    private let turn: Int64
    private var watch: GuardWatch
    /// What the end will come to.
    private var outcome = GuardOutcome.ended

    public init(
        _ configuration: Configuration, _ environment: GuardEnvironment
    ) throws(BotError) {
        guard configuration.mode == .live else {
            throw .refused("mode: paper has no order at a venue: there is nothing to guard")
        }
        guard environment.keys != nil else {
            throw .setup(
                "the guard needs a key; set GUARD_BINANCE_API_KEY with a secret of its own, or "
                    + "the bot's BINANCE_API_KEY, in .env with mode 0600")
        }
        self.configuration = configuration
        self.environment = environment
        clock = environment.clock
        directory = DataDirectory(configuration.dataDirectory)
        try directory.prepare()
        pulse = try Self.hold(directory)
        venue = try BinanceLink.killSwitch(
            configuration.venue, keys: environment.keys, clock: environment.clock)
        log = GuardLog(
            directory,
            channels: try environment.notify.channels(
                clock: environment.clock, clean: { Redactor.live.redact($0) }),
            clock: environment.clock, say: environment.log)
        let limit = configuration.guardian.afterMilliseconds * 1_000_000
        turn = min(limit / 10, Self.longestTurn)
        watch = GuardWatch(limit: limit, turn: turn)
        try prove()
    }

    private static func hold(_ directory: DataDirectory) throws(BotError) -> Pulse {
        do throws(CoreError) {
            let pulse = try Pulse(path: directory.pulse)
            try pulse.hold(.guardian)
            return pulse
        } catch {
            guard error.code != .locked else {
                throw .alreadyRunning("a guard is at work in \(directory.root) already")
            }
            throw .setup(error.text)
        }
    }

    /// That key and network would do, before anybody relies on it. Not while there is work to do:
    /// that goes on until it is done.
    private func prove() throws(BotError) {
        // Without them the least that any venue allows holds; cancelling is possible with that.
        try? venue.learnLimits(configuration.symbols)
        let bot = pulse.look(.bot)
        guard bot.isAlive || bot.state == .none || bot.state == .ended || bot.state == .settled
        else { return }
        for symbol in configuration.symbols {
            do throws(VenueError) {
                _ = try venue.openOrderIDs(symbol)
            } catch {
                throw .venue("the guard cannot see the open orders of \(symbol): \(error)")
            }
        }
        guard let botKeys = environment.botKeys, botKeys.apiKey != environment.keys?.apiKey
        else { return }
        try Self.proveSame(
            venue,
            try BinanceLink.killSwitch(configuration.venue, keys: botKeys, clock: clock))
    }

    /// A guard that looks into another account sees no order of the bot's, and thinks all is well.
    static func proveSame(_ own: any KillSwitch, _ bots: any KillSwitch) throws(BotError) {
        let numbers: (own: Int64, bots: Int64)
        do throws(VenueError) {
            numbers = (try own.accountNumber(), try bots.accountNumber())
        } catch {
            throw .venue("whose account the guard's key is for cannot be told: \(error)")
        }
        guard numbers.own == numbers.bots else {
            throw .refused(
                "the guard's key is for account \(numbers.own), the bot's for \(numbers.bots); "
                    + "GUARD_BINANCE_API_KEY must be one of the bot's account")
        }
    }

    /// Until the bot has ended (`isOnce`), or somebody asks for the end.
    public func run() -> GuardOutcome {
        let symbols = configuration.symbols.joined(separator: ", ")
        log.note("started", "guards \(symbols); a lane without a turn for \(limitText) hangs")
        pulse.begin(now: clock.monotonic)
        var isDone = false
        while !isDone, !environment.isInterrupted() {
            pulse.beat(now: clock.monotonic)
            isDone = watch.look(pulse.look(.bot), now: clock.monotonic).map { act($0) } ?? false
            pause(turn)
        }
        log.note("ended", isDone ? "with the bot" : "asked to end")
        pulse.end(clean: outcome != .unproven)
        log.stop()
        return outcome
    }

    private var limitText: String { "\(configuration.guardian.afterMilliseconds) ms" }

    private func pause(_ nanoseconds: Int64) {
        Thread.sleep(forTimeInterval: Double(nanoseconds) / 1e9)
    }

    /// True: there is nothing left to do.
    private func act(_ event: GuardWatch.Event) -> Bool {
        let bot = pulse.look(.bot)
        switch event {
        case .watching: log.note("watching", "the bot is at work", bot: bot)
        case .recovered:
            log.note("recovered", "the lane turns again; it halts and cancels itself", bot: bot)
        case .ended:
            log.note("bot_ended", "on purpose, with nothing left to do", bot: bot)
            return environment.isOnce
        case .strike(let cause, let seen):
            strike(cause, seen)
            return environment.isOnce && !pulse.look(.bot).isAlive
        }
        return false
    }
}

// MARK: - The strike

extension GuardService {
    private func strike(_ cause: GuardIncident.Cause, _ bot: Pulse.View) {
        outcome = .unproven
        let text = text(cause, bot)
        log.note("struck", text, bot: bot)
        log.tell("\(text); cancelling all orders of \(configuration.symbols.count) symbols")
        let incident = GuardIncident(
            cause: cause, time: Times.text(clock.wall), text: text, run: bot.run, pid: bot.pid)
        let isLeft = Flag()
        log.leave(incident) { isLeft.raise() }
        pulse.strike()
        if cause == .hung, configuration.guardian.kill { kill(bot) }
        var silent: Int64?
        let found = GuardStrike(
            symbols: configuration.symbols, venue: venue, clock: clock,
            pause: { [self] nanoseconds in rest(nanoseconds) },
            note: { [log] text in log.note("cancelling", text, bot: bot) },
            silentSince: { [self] in
                if silent == nil, !maySend(bot.run) { silent = clock.monotonic }
                return silent
            },
            goesOn: { [self] in
                !environment.isInterrupted() && !hasNoticed(bot, isLeft: isLeft.isRaised)
            }
        ).run()
        finish(found, incident)
    }

    private func finish(_ found: GuardStrike.Outcome, _ incident: GuardIncident) {
        let bot = pulse.look(.bot)
        guard case .clear(let cancelled) = found else {
            guard !environment.isInterrupted() else {
                log.note("trouble", "asked to end before it was proven that no order is left")
                return
            }
            outcome = .struck
            log.note("handed_over", "the bot is back, halted, and cancels by itself", bot: bot)
            return
        }
        pulse.settle(run: incident.run)
        outcome = .struck
        var incident = incident
        incident.isClear = true
        incident.text += "; \(cancelled) orders cancelled, the venue shows none"
        log.leave(incident, onlyOver: true)
        log.note("clear", "\(cancelled) orders cancelled, the venue shows none", bot: bot)
        log.tell("\(cancelled) orders cancelled; the venue shows none. Look before you resume")
    }

    private func text(_ cause: GuardIncident.Cause, _ bot: Pulse.View) -> String {
        switch cause {
        case .hung: "the bot (process \(bot.pid)) hangs: no turn of its lane for \(limitText)"
        case .died: "the bot (process \(bot.pid)) is gone and had not ended"
        case .failed: "the bot (process \(bot.pid)) ended and left orders open"
        }
    }

    /// What hangs may wake up and send what it wanted before; what is killed never will.
    private func kill(_ bot: Pulse.View) {
        do throws(CoreError) {
            try pulse.kill(run: bot.run)
            log.note("killed", "SIGKILL to process \(bot.pid)", bot: bot)
        } catch {
            log.note("trouble", error.text, bot: bot)
        }
        let end = clock.monotonic + Self.killPatience
        while maySend(bot.run), clock.monotonic < end { pause(turn / 10) }
    }

    private func maySend(_ run: UInt32) -> Bool {
        let bot = pulse.look(.bot)
        return bot.isAlive && bot.run == run && bot.state == .up
    }

    private func rest(_ nanoseconds: Int64) {
        let end = clock.monotonic + nanoseconds
        while clock.monotonic < end, !environment.isInterrupted() {
            pulse.beat(now: clock.monotonic)
            pause(min(turn, max(0, end - clock.monotonic)))
        }
    }

    /// A bot that has taken notice is halted, and cancels by itself what is open. Where nothing
    /// could be left for it, its lane's next turn obeys the strike.
    private func hasNoticed(_ struck: Pulse.View, isLeft: Bool) -> Bool {
        let bot = pulse.look(.bot)
        guard bot.isAlive, bot.state == .up else { return false }
        if isLeft { return GuardIncident.read(directory) == nil }
        return bot.run == struck.run && bot.turns != struck.turns
    }
}

/// Raised once, on any thread.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isRaised: Bool { value.load(ordering: .relaxed) }
    func raise() { value.store(true, ordering: .relaxed) }
}
