// WorldFault.swift — everything that can go wrong in the seeded world, by name.
import Core
import WorldVenue

/// What happens at a moment of a world's life. The raw value is the number the seed draws.
public enum WorldFault: UInt32, CaseIterable, Sendable {
    // Of network and venue: as `world_venue.h` describes them.
    case cutOrders, cutMarket, halfOpen, slow, loseRequest, busy, garble
    case dropReply, lateAccept, falseNotFound, listingLag, silentAccount, dropFill, fillFirst
    case lateFill, twice, uncertain, refuse, cancelAll, unknownState, stubbornCancel, endSession
    case foreignOrder
    case gap, freeze, crossed, noSnapshot, oldSnapshot
    // Of the process, its clock, its disk and its operator.
    /// SIGKILL: nothing is told, nothing is closed in order.
    case kill
    /// The power fails where the journal is strict: what was not synced is lost, in part or whole.
    /// Elsewhere the process is killed.
    case powerFailure
    /// The machine stands still and then goes on, from a millisecond to a minute later.
    case pause
    /// The wall clock is set, by up to an hour either way; the monotonic one is not.
    case wallStep
    /// Writes and syncs fail from now on; the process is started again on a mended disk.
    case diskFailure
    /// Nothing moves from the ring to the disk for a while.
    case slowDisk
    case operatorHalts, operatorReduces, operatorCancelsAll, operatorFlattens
    /// Looks at the venue's own page, and says rightly how the next order in doubt has ended.
    case operatorResolves

    /// Nil: of the process.
    var ofVenue: world_fault? {
        rawValue < WORLD_VENUE_FAULTS.rawValue ? world_fault(rawValue: rawValue) : nil
    }

    public var name: String { "\(self)" }
}

/// One fault of a world's script: it comes when so many market events have been.
struct ScriptedFault: Sendable {
    var event: Int
    var fault: WorldFault
}

extension WorldFault {
    /// A life's faults, in order. Every kind is as likely as any other.
    static func script(_ random: inout Random, count: Int, events: Int) -> [ScriptedFault] {
        let kinds = WorldFault.allCases
        return (0..<count).map { _ in
            ScriptedFault(
                event: Int(random.below(UInt64(events))),
                fault: kinds[Int(random.below(UInt64(kinds.count)))])
        }.sorted { ($0.event, $0.fault.rawValue) < ($1.event, $1.fault.rawValue) }
    }
}
