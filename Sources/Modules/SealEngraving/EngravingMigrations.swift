public import Storage

/// The table of orders. Where one stands is read from its lines.
public enum EngravingMigrations {
    public static let all: [Migration] = [
        Migration.additive(
            "engraving",
            1,
            """
            CREATE TABLE seal_order (
                id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, representative TEXT NOT NULL,
                region TEXT NOT NULL, kinds TEXT NOT NULL, engraver TEXT NOT NULL, payer TEXT NOT NULL,
                delivery TEXT NOT NULL, receiver TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL,
                ordered_by TEXT NOT NULL, ordered_at BIGINT NOT NULL)
            """,
            "CREATE INDEX seal_order_owner ON seal_order (owner, ordered_at)"
        ),
        // One row for each firm, locked while it orders: two orders at once never both find the set free.
        Migration.additive(
            "engraving",
            2,
            "CREATE TABLE seal_order_turn (owner TEXT PRIMARY KEY, orders BIGINT NOT NULL)"
        ),
    ]
}
