// LaneConfiguration.swift — everything a lane is made of, as values.
import CCore

/// What a stream carries; the slot of a stream is its place in the list.
public enum StreamRole: UInt8, Sendable {
    /// Public market data.
    case market = 0
    /// Order entry and account events.
    case orders = 1
    /// Book snapshots that the services fetch; no connection of its own.
    case snapshot = 2
    /// A few levels of a silent book, fetched to tell quiet from frozen; no connection either.
    case witness = 3
}

/// What a stream is to the others of its lane.
public struct FeedConfiguration: Sendable, Hashable {
    /// Streams of one group bring the same data; the first copy of an event counts. 0 = alone.
    public var group: UInt32 = 0
    /// Nanoseconds after which it is opened anew when nothing is lost by it; 0 = never.
    public var renewAfter: Int64 = 0

    public init() {}

    var c: nt_feed_config { nt_feed_config(group: group, renew_after_ns: renewAfter) }
}

/// Paper trading: orders are filled by our matcher from real market data.
public struct PaperConfiguration: Sendable {
    /// Nanoseconds from request to effect, and again from effect to report.
    public var latency: Int64
    /// Parts per million of the value.
    public var makerFeePPM: Int64
    public var takerFeePPM: Int64
    public var maxOrders: UInt32 = 64

    public init(latency: Int64, makerFeePPM: Int64, takerFeePPM: Int64) {
        self.latency = latency
        self.makerFeePPM = makerFeePPM
        self.takerFeePPM = takerFeePPM
    }
}

/// When a record of the journal counts as safe. A killed process loses nothing in any.
public enum Durability: String, Sendable, CaseIterable {
    /// Once the disk has it; what is written within `groupTime` shares one sync.
    case group
    /// Once the kernel has it; the disk is told between two segments and at the end.
    case ring
    /// Once the disk has it, and no order leaves before that.
    case strict

    var c: nt_durability {
        switch self {
        case .group: nt_durability(NT_DURABILITY_GROUP)
        case .ring: nt_durability(NT_DURABILITY_RING)
        case .strict: nt_durability(NT_DURABILITY_STRICT)
        }
    }
}

public struct LaneConfiguration {
    public var instruments: [Instrument]
    public var roles: [StreamRole]
    /// By stream slot; empty: each is alone and never renewed.
    public var feeds: [FeedConfiguration] = []
    /// By instrument slot, nanoseconds: silent for so long, a book is held against a witness. 0, or
    /// empty for all: not watched.
    public var maxSilence: [Int64] = []
    /// The venue's `nt_codec`, which outlives the lane.
    public var codec: UnsafeRawPointer
    public var clock: Clock
    /// Mark of this installation in client order ids, below 2^20.
    public var instance: UInt32 = 1
    /// Nil: nothing is journaled (tests of other parts only).
    public var journalDirectory: String?
    /// Sixteen bytes that tell one account's journal from another's.
    public var account: [UInt8] = .init(repeating: 0, count: 16)
    public var durability = Durability.group
    /// Nanoseconds; zero takes the core's millisecond.
    public var groupTime: Int64 = 0
    public var tapeDirectory: String?
    /// Oldest tape segments go beyond it.
    public var tapeMaxBytes: UInt64 = 2 << 30
    public var paper: PaperConfiguration?
    public var accountLimits = AccountLimits()
    /// By instrument slot.
    public var instrumentLimits: [InstrumentLimits] = []
    public var bookDepth: UInt32 = 5000
    public var maxOrders: UInt32 = 4096
    /// Nanoseconds; zero takes the core's default.
    public var replyTimeout: Int64 = 0
    public var queryInterval: Int64 = 0
    public var absenceGap: Int64 = 0
    /// Between the two rounds of a reconciliation that must agree; negative: one is enough.
    public var agreeGap: Int64 = 0
    /// Reconciles so often beside log-ons; 0: never.
    public var reconcileEvery: Int64 = 0
    public var validity: Int64 = 0
    /// How long an order waits for a busy connection; negative: not at all.
    public var queueTime: Int64 = 0
    /// What the venue allows, taken from before every request; nil: not counted.
    public var budget: RequestBudget?
    /// Where its turns are counted for the guard; nil: there is none.
    public var pulse: Pulse?
    /// Nil: journal and tape lie in the system's files.
    public var disk: MemoryDisk?
    /// Journal and tape write on the caller's thread (deterministic tests).
    public var inlineDrain = false

    public init(
        instruments: [Instrument], roles: [StreamRole], codec: UnsafeRawPointer, clock: Clock
    ) {
        self.instruments = instruments
        self.roles = roles
        self.codec = codec
        self.clock = clock
    }
}

/// What start-up found in the journal.
public struct JournalFound: Sendable, Codable {
    public var records: UInt64 = 0
    public var lastSequence: UInt64 = 0
    public var trimmedBytes: UInt64 = 0
    public var fromRing: UInt64 = 0
    public var epoch: UInt32 = 0
    public var cleanStop = false

    init(_ c: nt_journal_found) {
        records = c.records
        lastSequence = c.last_sequence
        trimmedBytes = c.trimmed_bytes
        fromRing = c.from_ring
        epoch = c.last_epoch
        cleanStop = c.clean_stop
    }
}
