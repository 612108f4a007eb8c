public import Storage

public enum ChangesMigrations {
    public static let all: [Migration] = [
        Migration.additive(
            "changes",
            1,
            "CREATE TABLE changes_forgotten (name TEXT PRIMARY KEY, at BIGINT NOT NULL)",
            """
            CREATE TABLE changes_webhook (
                id TEXT PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, region TEXT NOT NULL,
                secret TEXT NOT NULL, state TEXT NOT NULL, cursor BIGINT NOT NULL, made_at BIGINT NOT NULL,
                failures BIGINT NOT NULL, why TEXT, told_at BIGINT)
            """
        )
    ]
}
