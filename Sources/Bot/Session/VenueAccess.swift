// VenueAccess.swift — what the bot's services need of a venue, besides the lane's codec.
import Core
import VenueKit

/// Slow calls; services threads only. Implemented by each venue's link in this folder.
protocol VenueAccess: AnyObject {
    /// In the order asked for. An unknown symbol is an error that names it.
    func rules(_ symbols: [String]) throws -> [InstrumentRules]
    /// The venue's clock, read now.
    func readClock() throws -> ClockReading
    /// Whether it answers at all; as cheap as can be.
    func ping() throws
    /// Where its hosts are.
    var names: NameBook { get }
    /// Of its REST side.
    var hosts: [String] { get }
    /// When the certificates that its REST side showed last expire, UTC seconds, by host.
    var certificateEnds: [String: Int64] { get }
    /// What a refusal of an order by this code means; nil: nothing that a service minds.
    func kind(ofCode code: Int) -> VenueError.Kind?
    /// Makes the lane's codec for `instruments`; call once, before `streams`.
    func makeCodec(_ instruments: [Instrument], instance: UInt32) throws -> UnsafeRawPointer
    /// The connections of a lane, names resolved, and the slots of what services fetch.
    func streams(withOrders: Bool, _ settings: StreamSettings) throws -> [StreamConfiguration]
    /// Tells everything that signs the clock offset; any thread.
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
