// VenueAccess.swift — what the bot's services need of a venue, besides the lane's codec.
import Core
import VenueKit

/// Slow calls; services threads only. Implemented by each venue's link in this folder.
protocol VenueAccess: AnyObject {
    /// In the order asked for. An unknown symbol is an error that names it.
    func instruments(_ symbols: [String]) throws -> [Instrument]
    /// Server time minus ours, nanoseconds, measured now.
    func measureClockOffset() throws -> Int64
    /// Makes the lane's codec for `instruments`; call once, before `streams`.
    func makeCodec(_ instruments: [Instrument], instance: UInt32) throws -> UnsafeRawPointer
    /// The connections of a lane, names resolved, and the slots of what services fetch.
    func streams(withOrders: Bool, _ settings: StreamSettings) throws -> [StreamConfiguration]
    /// Tells the codec the clock offset; any thread.
    func setClockOffset(_ nanoseconds: Int64)
    /// A book snapshot's raw bytes, for the lane to decode.
    func depthBody(_ instrument: Instrument) throws -> [UInt8]
    /// The same of its best few levels.
    func witnessBody(_ instrument: Instrument) throws -> [UInt8]
    /// Newest price, to turn a value into a quantity at start.
    func lastPrice(_ instrument: Instrument) throws -> Price
    /// The venue's account calls; nil without a key.
    var slowVenue: (any Venue)? { get }
    /// What requests are taken from.
    var budget: SharedBudget { get }
    /// Marks the account in the journal; sixteen bytes.
    var accountMark: [UInt8] { get }
}
