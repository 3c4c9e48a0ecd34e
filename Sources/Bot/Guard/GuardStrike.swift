// GuardStrike.swift — cancels what is open until the venue's own list shows that nothing is, and
// looks on for as long as an order on its way could still arrive.
import Core
import VenueKit

struct GuardStrike {
    /// A request that the bot sent last is refused by the venue once its `recvWindow` (1 s) is
    /// over, counted by clocks that may differ by a second before the bot halts itself for it. The
    /// rest is the network's.
    static let lateness: Int64 = 6_000_000_000
    private static let firstPause: Int64 = 250_000_000
    private static let longestPause: Int64 = 5_000_000_000

    enum Outcome: Equatable {
        /// None is left, proven after the last one could have arrived.
        case clear(cancelled: Int)
        /// The caller wanted no more of it.
        case givenUp(cancelled: Int)
    }

    let symbols: [String]
    let venue: any KillSwitch
    let clock: Clock
    /// Nanoseconds.
    let pause: (Int64) -> Void
    /// For people and the record.
    let note: (String) -> Void
    /// Monotonic time since when the bot cannot send; nil: it still may. Asked before each round.
    let silentSince: () -> Int64?
    /// False: stop. Asked before each round.
    let goesOn: () -> Bool

    private struct Round {
        var cancelled = 0
        var open = 0
        var problem: VenueError?
    }

    /// Blocks.
    func run() -> Outcome {
        var cancelled = 0
        var wait = Self.firstPause
        var said = ""
        var isFirst = true
        while goesOn() {
            let (silent, began) = (silentSince(), clock.monotonic)
            let round = look(cancelsFirst: isFirst)
            isFirst = false
            cancelled += round.cancelled
            let text = describe(round, total: cancelled)
            if text != said { note(text) }
            said = text
            if round.problem == nil, round.open == 0 {
                if let silent, began >= silent + Self.lateness {
                    return .clear(cancelled: cancelled)
                }
                wait = Self.firstPause
                pause(1_000_000_000)
            } else {
                pause(wait)
                wait = min(2 * wait, Self.longestPause)
            }
        }
        return .givenUp(cancelled: cancelled)
    }

    /// Every symbol, whatever became of the others.
    private func look(cancelsFirst: Bool) -> Round {
        var round = Round()
        if cancelsFirst { symbols.forEach { cancel($0, &round) } }
        for symbol in symbols where count(symbol, &round) > 0 {
            cancel(symbol, &round)
            round.open += count(symbol, &round)
        }
        return round
    }

    private func cancel(_ symbol: String, _ round: inout Round) {
        do throws(VenueError) {
            round.cancelled += try venue.cancelOpenOrders(symbol)
        } catch {
            round.problem = error
        }
    }

    private func count(_ symbol: String, _ round: inout Round) -> Int {
        do throws(VenueError) {
            return try venue.openOrderIDs(symbol).count
        } catch {
            round.problem = error
            return 0
        }
    }

    private func describe(_ round: Round, total: Int) -> String {
        if let problem = round.problem { return "not proven yet, it goes on: \(problem)" }
        let open = round.open == 0 ? "none is open" : "\(round.open) are still open"
        return "\(total) orders cancelled; the venue's list says that \(open)"
    }
}
