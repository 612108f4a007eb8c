import Testing

@testable import StoragePostgres
@testable import StorageSQLite

@Suite("statements in each engine's words")
struct TextTests {
    @Test(
        "SQLite",
        arguments: [
            ("SELECT $1, $12", "SELECT ?1, ?12"),
            ("SELECT '$1', \"$2\" , $3", "SELECT '$1', \"$2\" , ?3"),
            ("SELECT 'it''s $1' || $1", "SELECT 'it''s $1' || ?1"),
            ("SELECT a FROM t WHERE b = $1 FOR UPDATE", "SELECT a FROM t WHERE b = ?1 "),
            ("SELECT a FROM t WHERE b = $1 FOR KEY SHARE", "SELECT a FROM t WHERE b = ?1 "),
            ("SELECT a FROM t LIMIT 1\n  for  update\tSKIP LOCKED", "SELECT a FROM t LIMIT 1\n  "),
            ("UPDATE t SET a = (SELECT b FROM u FOR UPDATE NOWAIT)", "UPDATE t SET a = (SELECT b FROM u )"),
            ("SELECT 'FOR UPDATE' -- FOR UPDATE $1\n, $1", "SELECT 'FOR UPDATE' -- FOR UPDATE $1\n, ?1"),
            ("SELECT for_update, forupdate FROM 表$", "SELECT for_update, forupdate FROM 表$"),
            ("SELECT 'open $1", "SELECT 'open $1"),
        ]
    )
    func sqlite(_ text: String, _ expected: String) {
        #expect(sqliteText(text) == expected)
    }

    @Test(
        "PostgreSQL",
        arguments: [
            ("CREATE TABLE t (a TEXT, b BLOB)", "CREATE TABLE t (a TEXT COLLATE \"C\", b BYTEA)"),
            ("a text NOT NULL DEFAULT 'TEXT BLOB'", "a TEXT COLLATE \"C\" NOT NULL DEFAULT 'TEXT BLOB'"),
            ("CHECK (CAST(a AS TEXT) <> '')", "CHECK (CAST(a AS TEXT) <> '')"),
            ("context BIGINT, blob_size BIGINT", "context BIGINT, blob_size BIGINT"),
        ]
    )
    func postgres(_ text: String, _ expected: String) {
        #expect(postgresSchemaText(text) == expected)
    }
}
