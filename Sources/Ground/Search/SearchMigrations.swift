public import Storage

public enum SearchMigrations {
    public static let all: [Migration] = [
        // The key is the row: a table beside its index would be twice as long.
        Migration.additive(
            "search",
            1,
            """
            CREATE TABLE search_gram (
                kind TEXT NOT NULL, gram TEXT NOT NULL, region TEXT NOT NULL, at BIGINT NOT NULL, object TEXT NOT NULL,
                PRIMARY KEY (kind, gram, region, at, object)) WITHOUT ROWID
            """
        )
    ]
}
