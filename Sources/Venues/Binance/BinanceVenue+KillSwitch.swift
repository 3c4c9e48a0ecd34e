// BinanceVenue+KillSwitch.swift — cancel all orders of a symbol by REST, and see that none is left.
import Core
import Foundation
import VenueKit

extension BinanceVenue: KillSwitch {
    private struct OpenOrder: Decodable {
        let symbol: String
        let orderId: Int64
    }

    /// A single order, or a list of orders, which has other members.
    private struct Cancelled: Decodable {}

    private struct Account: Decodable {
        let uid: Int64
    }

    public func accountNumber() throws(VenueError) -> Int64 {
        let answer: Account = try read("account", Query(), weight: 20, .signed)
        return answer.uid
    }

    public func learnLimits(_ symbols: [String]) throws(VenueError) { _ = try rules(symbols) }

    public func openOrderIDs(_ symbol: String) throws(VenueError) -> [Int64] {
        let answer: [OpenOrder] = try read("openOrders", query(symbol), weight: 6, .urgent)
        guard answer.allSatisfy({ $0.symbol == symbol }) else {
            throw VenueError(.malformed, "openOrders: orders of another symbol than \(symbol)")
        }
        return answer.map(\.orderId)
    }

    public func cancelOpenOrders(_ symbol: String) throws(VenueError) -> Int {
        do throws(VenueError) {
            let answer: [Cancelled] = try read(
                "openOrders", query(symbol), weight: 1, .cancelling)
            return answer.count
        } catch {
            // The venue's word for "there was none".
            guard error.kind == .orderNotFound else { throw error }
            return 0
        }
    }

    private func query(_ symbol: String) -> Query {
        var query = Query()
        query.add("symbol", symbol)
        return query
    }
}
