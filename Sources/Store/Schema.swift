// Schema.swift — the database's schema and its history.
//
// A migration, once released, never changes: write the next one. Numbers are exact integers in the
// unit that the column's name says (ticks, lots) or, for money, 1e-8 of the currency: sums stay
// exact in SQL, and the instrument's row holds what turns them into decimals.
import GRDB

enum Schema {
    /// Marks the file as ours: "NTL1".
    static let applicationID: Int32 = 0x4e54_4c31
    /// The newest schema that this program knows: the number of its migrations.
    static let version = 2

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1", migrate: createTables)
        migrator.registerMigration("2", migrate: tellEquitySource)
        return migrator
    }

    private static func createTables(_ db: Database) throws {
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: first)
    }

    /// Until here equity came of fills alone; from here the lane's own marks are in it too.
    private static func tellEquitySource(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE equity ADD COLUMN source TEXT NOT NULL DEFAULT 'fill';
                UPDATE meta SET schema = 2;
                """)
    }

    /// The schema of a file of ours.
    static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT schema FROM meta") ?? 0
    }

    private static let first = """
        CREATE TABLE meta(
            id INTEGER PRIMARY KEY CHECK(id = 1), schema INTEGER NOT NULL, account TEXT NOT NULL,
            last_sequence INTEGER NOT NULL, last_checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE runs(
            epoch INTEGER PRIMARY KEY, started_sequence INTEGER NOT NULL,
            started_at INTEGER NOT NULL, instance INTEGER NOT NULL, instruments INTEGER NOT NULL,
            stopped_sequence INTEGER, stopped_at INTEGER, state_hash TEXT
        ) STRICT;
        CREATE TABLE instruments(
            slot INTEGER PRIMARY KEY, symbol TEXT NOT NULL, base TEXT NOT NULL,
            quote TEXT NOT NULL, price_decimals INTEGER NOT NULL, tick_units INTEGER NOT NULL,
            quantity_decimals INTEGER NOT NULL, lot_units INTEGER NOT NULL,
            min_price_ticks INTEGER NOT NULL, max_price_ticks INTEGER NOT NULL,
            min_quantity_lots INTEGER NOT NULL, max_quantity_lots INTEGER NOT NULL,
            min_notional INTEGER NOT NULL, max_notional INTEGER NOT NULL,
            sequence INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE orders(
            id TEXT PRIMARY KEY, client_id TEXT NOT NULL, epoch INTEGER NOT NULL,
            instrument INTEGER NOT NULL, strategy INTEGER NOT NULL, side TEXT NOT NULL,
            type TEXT NOT NULL, time_in_force TEXT NOT NULL, price_ticks INTEGER NOT NULL,
            stop_ticks INTEGER NOT NULL, quantity_lots INTEGER NOT NULL,
            filled_lots INTEGER NOT NULL, filled_value INTEGER NOT NULL, state TEXT NOT NULL,
            cancel_pending INTEGER NOT NULL, venue_order INTEGER NOT NULL, code INTEGER NOT NULL,
            created_sequence INTEGER NOT NULL, created_at INTEGER NOT NULL,
            changed_sequence INTEGER NOT NULL, changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX orders_by_creation ON orders(created_sequence);
        CREATE TABLE fills(
            sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER NOT NULL,
            instrument INTEGER NOT NULL, order_id TEXT NOT NULL, strategy INTEGER,
            trade INTEGER NOT NULL, side TEXT NOT NULL, price_ticks INTEGER NOT NULL,
            quantity_lots INTEGER NOT NULL, fee INTEGER NOT NULL, fee_asset TEXT NOT NULL,
            is_maker INTEGER NOT NULL, realised INTEGER NOT NULL, fee_value INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX fills_by_order ON fills(order_id);
        CREATE TABLE positions(
            instrument INTEGER PRIMARY KEY, lots INTEGER NOT NULL, cost INTEGER NOT NULL,
            realised INTEGER NOT NULL, fees INTEGER NOT NULL, base_fees INTEGER NOT NULL,
            other_fees INTEGER NOT NULL, bought_lots INTEGER NOT NULL,
            sold_lots INTEGER NOT NULL, fills INTEGER NOT NULL, sequence INTEGER NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE equity(
            sequence INTEGER NOT NULL, instrument INTEGER NOT NULL, at INTEGER NOT NULL,
            epoch INTEGER NOT NULL, lots INTEGER NOT NULL, mark_ticks INTEGER NOT NULL,
            realised INTEGER NOT NULL, unrealised INTEGER NOT NULL, fees INTEGER NOT NULL,
            PRIMARY KEY(sequence, instrument)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE decisions(
            sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER NOT NULL,
            instrument INTEGER, order_id TEXT, kind TEXT, strategy INTEGER NOT NULL,
            tag INTEGER NOT NULL, side TEXT, type TEXT, time_in_force TEXT,
            reduce_only INTEGER NOT NULL, price_ticks INTEGER NOT NULL,
            stop_ticks INTEGER NOT NULL, quantity_lots INTEGER NOT NULL,
            reference_ticks INTEGER NOT NULL, verdict TEXT NOT NULL, reducing INTEGER NOT NULL,
            value INTEGER NOT NULL, limit_value INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX decisions_by_verdict ON decisions(verdict, sequence);
        CREATE INDEX decisions_by_order ON decisions(order_id);
        CREATE TABLE trading_states(
            sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER NOT NULL,
            instrument INTEGER, state TEXT NOT NULL, reason TEXT NOT NULL
        ) STRICT;
        CREATE TABLE limits(
            sequence INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
            epoch INTEGER NOT NULL, instrument INTEGER, value INTEGER NOT NULL,
            PRIMARY KEY(sequence, name)
        ) STRICT, WITHOUT ROWID;
        """
}
