// RateLimits.swift — what the venue counts per minute, ten seconds and day, and when it says no.

package struct RateLimitSettings: Sendable {
    package var weightPerMinute = 6_000
    package var ordersPerTenSeconds = 100
    package var ordersPerDay = 200_000
    /// Refused requests in one minute after which the address is banned for two minutes.
    package var refusalsBeforeBan = 50

    package init() {}
}

/// Counts of one address and its accounts. Windows are aligned to the clock, as the venue's are.
struct RateLimits {
    enum Interval: Int64, CaseIterable {
        case tenSeconds = 10_000
        case day = 86_400_000

        var name: String { self == .tenSeconds ? "SECOND" : "DAY" }
        var number: Int64 { self == .tenSeconds ? 10 : 1 }
        var header: String { self == .tenSeconds ? "10S" : "1D" }
    }

    private struct Window {
        var index: Int64 = -1
        var count = 0

        mutating func roll(_ now: Int64, length: Int64) {
            guard now / length != index else { return }
            index = now / length
            count = 0
        }
    }

    private struct OrderKey: Hashable {
        let account: AccountID
        let interval: Interval
    }

    let settings: RateLimitSettings
    private var weight = Window()
    private var refusals = Window()
    private var bannedUntil: Int64 = 0
    private var orders: [OrderKey: Window] = [:]

    private static let minute: Int64 = 60_000
    private static let ban: Int64 = 120_000

    init(_ settings: RateLimitSettings) { self.settings = settings }

    /// Counts `units`; throws when that is beyond the limit.
    mutating func spend(_ units: Int, now: Int64) throws(BinanceError) {
        weight.roll(now, length: Self.minute)
        refusals.roll(now, length: Self.minute)
        guard now >= bannedUntil else {
            throw .tooMuchWeight(
                limit: settings.weightPerMinute, retryAfter: bannedUntil, isBanned: true)
        }
        weight.count += units
        guard weight.count > settings.weightPerMinute else { return }
        refusals.count += 1
        if refusals.count > settings.refusalsBeforeBan { bannedUntil = now + Self.ban }
        throw .tooMuchWeight(
            limit: settings.weightPerMinute, retryAfter: (now / Self.minute + 1) * Self.minute,
            isBanned: false)
    }

    mutating func usedWeight(now: Int64) -> Int {
        weight.roll(now, length: Self.minute)
        return weight.count
    }

    mutating func addOrder(_ account: AccountID, now: Int64) throws(BinanceError) {
        for interval in Interval.allCases {
            let used = orderCount(account, interval, now: now)
            guard used < limit(interval) else {
                throw .tooManyOrders(
                    limit: limit(interval), per: "\(interval.number) \(interval.name)",
                    retryAfter: (now / interval.rawValue + 1) * interval.rawValue)
            }
        }
        for interval in Interval.allCases { change(account, interval, by: 1, now: now) }
    }

    /// An order that traded no longer counts as unfilled.
    mutating func giveBackOrder(_ account: AccountID, now: Int64) {
        for interval in Interval.allCases { change(account, interval, by: -1, now: now) }
    }

    mutating func orderCount(_ account: AccountID, _ interval: Interval, now: Int64) -> Int {
        change(account, interval, by: 0, now: now)
        return orders[OrderKey(account: account, interval: interval)]?.count ?? 0
    }

    func limit(_ interval: Interval) -> Int {
        interval == .tenSeconds ? settings.ordersPerTenSeconds : settings.ordersPerDay
    }

    private mutating func change(
        _ account: AccountID, _ interval: Interval, by units: Int, now: Int64
    ) {
        let key = OrderKey(account: account, interval: interval)
        var window = orders[key] ?? Window()
        window.roll(now, length: interval.rawValue)
        window.count = max(0, window.count + units)
        orders[key] = window
    }

    // MARK: JSON

    mutating func writeWeight(to json: inout JSONWriter, now: Int64, counting: Bool) {
        Self.write(
            &json, "REQUEST_WEIGHT", "MINUTE", 1, settings.weightPerMinute,
            counting ? usedWeight(now: now) : nil)
    }

    mutating func writeOrders(to json: inout JSONWriter, _ account: AccountID?, now: Int64) {
        for interval in Interval.allCases {
            let count = account.map { orderCount($0, interval, now: now) }
            Self.write(
                &json, "ORDERS", interval.name, interval.number, limit(interval), count)
        }
    }

    private static func write(
        _ json: inout JSONWriter, _ type: String, _ interval: String, _ number: Int64, _ limit: Int,
        _ count: Int?
    ) {
        json.object { json in
            json.member("rateLimitType", type)
            json.member("interval", interval)
            json.member("intervalNum", number)
            json.member("limit", Int64(limit))
            if let count { json.member("count", Int64(count)) }
        }
    }
}
