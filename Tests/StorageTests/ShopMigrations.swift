import Storage
import StorageSQLite
import TestSupport

/// A little schema for the tests of this target.
let shopMigrations: [Migration] = [
    Migration(
        "shop",
        1,
        """
        CREATE TABLE shop_thing (
            id TEXT PRIMARY KEY, name TEXT, amount BIGINT, ratio DOUBLE PRECISION, bytes BLOB,
            CONSTRAINT shop_amount_positive CHECK (amount IS NULL OR amount >= 0))
        """,
        """
        CREATE TABLE shop_part (
            thing TEXT NOT NULL REFERENCES shop_thing (id), number BIGINT NOT NULL, word TEXT NOT NULL,
            UNIQUE (thing, number))
        """
    ),
    Migration("shop", 2, "CREATE INDEX shop_thing_name ON shop_thing (name)"),
]

func addThing(_ id: String, amount: Int? = nil, in tx: any Transaction) throws {
    try tx.execute("INSERT INTO shop_thing (id, amount) VALUES ($1, $2)", id, amount)
}

func things(in reader: any Reader) throws -> [String] {
    try reader.query("SELECT id FROM shop_thing ORDER BY id").map { try $0.text(0) }
}

/// A body's own refusal.
struct Refused: Error, Equatable {}

/// A new file with `shopMigrations`.
func withShop(
    _ settings: SQLiteSettings = SQLiteSettings(),
    _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let database = try SQLiteDatabase(path: "\(folder)/test.db", settings: settings)
        try await database.migrate(shopMigrations)
        try await body(database)
        await database.close()
    }
}
