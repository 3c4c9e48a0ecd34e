// LimitsDesk.swift — the limits in force as people see them, and changes of them while trading.
//
// The lane alone decides by its table; here is a copy that follows what the lane has confirmed.
// A change holds until the bot ends: what is to stay belongs into the configuration.
import Core
import Risk
import Synchronization

/// One limit in force.
public struct LimitDocument: Codable, Sendable, Equatable {
    /// Nil: of the account.
    public var symbol: String?
    public var key: String
    public var value: String
    public var unit: String
    /// An unset limit refuses every order.
    public var isSet: Bool
    /// `default`, the key in the configuration, or `command` with time and reason.
    public var source: String
}

/// Why limits were not changed, with the exit code that says it.
struct LimitProblem: Error, Equatable {
    let exit: Int32
    let text: String
}

/// A change that is allowed and well-formed.
struct LimitChange: Sendable {
    let key: LimitKey
    let slot: Int
    let table: LaneLimits
    /// "max_order of BTCUSDT: 0.5 → 0.1 BTC".
    let text: String
}

final class LimitsDesk: Sendable {
    private struct Place: Hashable {
        let key: String
        let slot: Int
    }

    private struct Content {
        var table: LaneLimits
        var sources: [Place: String] = [:]
    }

    private let configuration: Configuration
    private let instruments: [Instrument]
    private let content: Mutex<Content>
    /// Held from the look at a wish to the lane's word on it.
    private let changing = Mutex(())

    init(_ table: LaneLimits, _ configuration: Configuration, _ instruments: [Instrument]) {
        self.configuration = configuration
        self.instruments = instruments
        content = Mutex(Content(table: table))
    }

    var table: LaneLimits { content.withLock { $0.table } }

    func documents() -> [LimitDocument] {
        let (table, sources) = content.withLock { ($0.table, $0.sources) }
        return LimitKey.all.flatMap { key in
            (key.isOfAccount ? 0..<1 : instruments.indices).map { slot in
                let value = key.read(table, slot)
                let place = Place(key: key.name, slot: slot)
                return LimitDocument(
                    symbol: key.isOfAccount ? nil : instruments[slot].symbol, key: key.name,
                    value: key.text(value, instruments[slot]), unit: key.unit(instruments[slot]),
                    isSet: value != 0 || key.mayBeZero,
                    source: sources[place] ?? origin(key, slot))
            }
        }
    }

    /// Where a value that no command has changed came from.
    private func origin(_ key: LimitKey, _ slot: Int) -> String {
        if key.isOfAccount {
            var standard = LaneLimits(account: AccountPolicy().compiled(), instruments: [])
            let isStandard = key.read(standard, 0) == key.read(initial, 0)
            standard.instruments = []
            return isStandard ? "default" : "limits.account.\(key.name)"
        }
        let symbol = instruments[slot].symbol
        let section = configuration.instruments[symbol] == nil ? "default" : symbol
        let policy = try? InstrumentPolicy().compiled(for: instruments[slot])
        let standard = LaneLimits(
            account: AccountLimits(),
            instruments: instruments.map { _ in policy ?? InstrumentLimits() })
        let isStandard = key.read(standard, slot) == key.read(initial, slot)
        return isStandard ? "default" : "limits.\(section).\(key.name)"
    }

    /// As the configuration has them.
    private var initial: LaneLimits {
        LaneLimits(
            account: configuration.account.compiled(),
            instruments: instruments.map { instrument in
                let compiled = try? configuration.policy(instrument.symbol)
                    .compiled(for: instrument)
                return compiled ?? InstrumentLimits()
            })
    }

    /// A change begins with the table that the one before left: two at once would lose one.
    func oneAtATime(_ change: () -> AdminReply) -> AdminReply {
        changing.withLock { _ in change() }
    }

    /// Looks at a wish. `confirmed`: loosening is meant.
    func change(
        _ name: String, to text: String, symbol: String?, confirmed: Bool
    ) throws(LimitProblem) -> LimitChange {
        guard let key = LimitKey.named(name) else {
            let known = LimitKey.all.map(\.name).joined(separator: ", ")
            throw LimitProblem(exit: 2, text: "there is no limit \(name); there are: \(known)")
        }
        let slot = try slot(of: key, symbol)
        let instrument = instruments[slot]
        let value = try read(key, text, instrument)
        var table = table
        let before = key.read(table, slot)
        let scope = key.isOfAccount ? "the account" : instrument.symbol
        let change =
            "\(name) of \(scope): \(key.text(before, instrument)) → "
            + "\(key.text(value, instrument)) \(key.unit(instrument))"
        guard confirmed || !key.loosens(from: before, to: value) else {
            throw LimitProblem(exit: 3, text: "\(change) loosens it; add --yes if that is meant")
        }
        key.write(&table, slot, value)
        return LimitChange(key: key, slot: slot, table: table, text: change)
    }

    private func slot(of key: LimitKey, _ symbol: String?) throws(LimitProblem) -> Int {
        let known = instruments.map(\.symbol).joined(separator: ", ")
        guard !key.isOfAccount else {
            guard symbol == nil else {
                throw LimitProblem(
                    exit: 2, text: "\(key.name) is of the account; leave --symbol out")
            }
            return 0
        }
        if symbol == nil, instruments.count == 1 { return 0 }
        guard let symbol else {
            throw LimitProblem(
                exit: 2,
                text: "\(key.name) is of one instrument; name it: --symbol, one of \(known)")
        }
        guard let slot = instruments.firstIndex(where: { $0.symbol == symbol }) else {
            throw LimitProblem(exit: 2, text: "\(symbol) is not traded here; traded: \(known)")
        }
        return slot
    }

    private func read(
        _ key: LimitKey, _ text: String, _ instrument: Instrument
    ) throws(LimitProblem) -> Int64 {
        let value: Int64
        do throws(CoreError) {
            value = try key.value(text, instrument)
        } catch {
            throw LimitProblem(
                exit: 2, text: "\(key.name): \(error.text); it is in \(key.unit(instrument))")
        }
        guard value != 0 || key.mayBeZero else {
            throw LimitProblem(
                exit: 3, text: "\(key.name): zero would unset it; `needletail halt` ends trading")
        }
        guard key.range.contains(value) else {
            let most =
                key.range.upperBound == Int64.max
                ? "above zero"
                : "\(key.text(key.range.lowerBound, instrument)) to "
                    + key.text(key.range.upperBound, instrument)
            throw LimitProblem(
                exit: 2, text: "\(key.name): write \(most), in \(key.unit(instrument))")
        }
        return value
    }

    /// The lane has confirmed it.
    func confirm(_ change: LimitChange, source: String) {
        content.withLock {
            $0.table = change.table
            $0.sources[Place(key: change.key.name, slot: change.slot)] = source
        }
    }

    /// The lane has not answered: nobody knows.
    func doubt(_ change: LimitChange, source: String) {
        content.withLock {
            $0.sources[Place(key: change.key.name, slot: change.slot)] = source
        }
    }
}
