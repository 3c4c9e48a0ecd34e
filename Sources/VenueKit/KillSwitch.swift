// KillSwitch.swift — the least that is needed of a venue to have no order left there.
//
// It knows symbols alone: no rule and no number is read, so that nothing which could not be read
// keeps an order alive.

/// Blocking; any thread but a lane's. Its requests may use what the budget keeps for cancels.
public protocol KillSwitch: AnyObject, Sendable {
    /// The venue's number of the account that the key belongs to.
    func accountNumber() throws(VenueError) -> Int64
    /// Asks how many requests the venue allows, for those that follow.
    func learnLimits(_ symbols: [String]) throws(VenueError)
    /// The venue's own ids of the open orders of that symbol, whoever placed them.
    func openOrderIDs(_ symbol: String) throws(VenueError) -> [Int64]
    /// Cancels them all; returns how many the venue says it cancelled. May be said again whatever
    /// came of it before.
    func cancelOpenOrders(_ symbol: String) throws(VenueError) -> Int
}
