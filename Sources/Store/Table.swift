// Table.swift — the tables of the projection: names, keys, and how a row is written.
//
// Also change: Schema.swift and docs/store.md.

/// One table. Rows are written whole, columns in the order of `columns`.
struct Table: Sendable {
    let name: String
    /// Comparing and ordering go by them.
    let key: [String]
    let columns: [String]
    /// Columns that keep their first value when a row is written again.
    let kept: Set<String>
    let insert: String

    private init(_ name: String, key: [String], kept: Set<String> = [], _ columns: [String]) {
        self.name = name
        self.key = key
        self.columns = columns
        self.kept = kept
        let places = Array(repeating: "?", count: columns.count).joined(separator: ",")
        let changes = columns.filter { !key.contains($0) && !kept.contains($0) }
            .map { "\($0)=excluded.\($0)" }.joined(separator: ",")
        insert =
            "INSERT INTO \(name)(\(columns.joined(separator: ","))) VALUES(\(places)) "
            + "ON CONFLICT(\(key.joined(separator: ","))) DO UPDATE SET \(changes)"
    }

    static let runs = Table(
        "runs", key: ["epoch"],
        [
            "epoch", "started_sequence", "started_at", "instance", "instruments",
            "stopped_sequence", "stopped_at", "state_hash",
        ])
    static let instruments = Table(
        "instruments", key: ["slot"],
        [
            "slot", "symbol", "base", "quote", "price_decimals", "tick_units",
            "quantity_decimals", "lot_units", "min_price_ticks", "max_price_ticks",
            "min_quantity_lots", "max_quantity_lots", "min_notional", "max_notional", "sequence",
        ])
    static let orders = Table(
        "orders", key: ["id"], kept: ["created_sequence", "created_at"],
        [
            "id", "client_id", "epoch", "instrument", "strategy", "side", "type",
            "time_in_force", "price_ticks", "stop_ticks", "quantity_lots", "filled_lots",
            "filled_value", "state", "cancel_pending", "venue_order", "code", "created_sequence",
            "created_at", "changed_sequence", "changed_at",
        ])
    static let fills = Table(
        "fills", key: ["sequence"],
        [
            "sequence", "at", "epoch", "instrument", "order_id", "strategy", "trade", "side",
            "price_ticks", "quantity_lots", "fee", "fee_asset", "is_maker", "realised",
            "fee_value",
        ])
    static let positions = Table(
        "positions", key: ["instrument"],
        [
            "instrument", "lots", "cost", "realised", "fees", "base_fees", "other_fees",
            "bought_lots", "sold_lots", "fills", "sequence", "at",
        ])
    static let equity = Table(
        "equity", key: ["sequence", "instrument"],
        [
            "sequence", "instrument", "at", "epoch", "lots", "mark_ticks", "realised",
            "unrealised", "fees", "source",
        ])
    static let decisions = Table(
        "decisions", key: ["sequence"],
        [
            "sequence", "at", "epoch", "instrument", "order_id", "kind", "strategy", "tag",
            "side", "type", "time_in_force", "reduce_only", "price_ticks", "stop_ticks",
            "quantity_lots", "reference_ticks", "verdict", "reducing", "value", "limit_value",
        ])
    static let tradingStates = Table(
        "trading_states", key: ["sequence"],
        ["sequence", "at", "epoch", "instrument", "state", "reason"])
    static let limits = Table(
        "limits", key: ["sequence", "name"],
        ["sequence", "name", "at", "epoch", "instrument", "value"])

    static let all = [
        runs, instruments, orders, fills, positions, equity, decisions, tradingStates, limits,
    ]
}
