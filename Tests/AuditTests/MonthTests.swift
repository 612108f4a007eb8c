import Kernel
import Storage
import TestSupport
import Testing

@testable import Audit

@Suite("a log divided by months")
struct MonthTests {
    /// 20 November 2026.
    private let december = 30 * Instant.day
    private let june = 210 * Instant.day

    @Test(
        "is one log: what was there stays, each month has its part, what was late moves, and nothing is lost"
    )
    func divided() async throws {
        try await withDatabase(.postgres, AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await fill(database, keeper, count: 300)
            let whole = try await AuditMonths.keep(in: database, now: start)
            #expect(whole == TableMonths(isDivided: false), "nobody divided it yet")
            let first = try await AuditMonths.divide(in: database, now: start)
            #expect(first == TableMonths(isDivided: true, made: 3))
            #expect(try await AuditMonths.divide(in: database, now: start).made == 0)

            try await fill(database, keeper, count: 200, from: december)
            // Nobody made the months in time.
            try await fill(database, keeper, count: 50, from: june)
            #expect(
                try await counts(database) == [
                    "before": 300, "2026_12": 200, "2027_01": 0, "2027_02": 0, "other": 50,
                ]
            )
            let late = try await AuditMonths.keep(in: database, now: start + june)
            #expect(late == TableMonths(isDivided: true, made: 4))
            let moved = try await counts(database)
            #expect(moved["2027_06"] == 50 && moved["other"] == 0 && moved.values.reduce(0, +) == 550)

            let (old, new, page) = try await database.read { reader in
                (
                    try AuditLog.history(of: "case:1", in: reader).count,
                    try AuditLog.history(of: "case:\(june)", in: reader).count,
                    try AuditLog.entries(from: 290, limit: 20, in: reader).map(\.sequence)
                )
            }
            #expect(old == 1 && new == 1 && page == Array(290..<310))
            _ = try await keeper.head(covering: 549)
            let verdict = try await verify(database)
            #expect(verdict.isWhole && verdict.entries == 550)
        }
    }

    @Test("has its numbers once in each part, and the indexes of the whole table in each")
    func indexes() async throws {
        try await withDatabase(.postgres, AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            let before = try await indexes(of: "audit_entry", in: database)
            _ = try await AuditMonths.divide(in: database, now: start)
            try await fill(database, keeper, count: 5, from: december)
            await #expect(throws: StorageError.self) {
                try await database.write { tx in
                    try tx.execute("UPDATE audit_entry SET sequence = 0 WHERE sequence = 1")
                }
            }
            for part in ["audit_entry_before", "audit_entry_2026_12", "audit_entry_other"] {
                #expect(try await indexes(of: part, in: database) == before, "\(part)")
            }
        }
    }

    @Test("months follow each other, over the end of a year")
    func months() throws {
        let day = try #require(LocalDate(year: 2026, month: 11, day: 30))
        let months = AuditMonths.months(from: day)
        #expect(months.map(\.name) == ["2026_11", "2026_12", "2027_01", "2027_02"])
        let end = Instant(try #require(LocalDate(year: 2026, month: 12, day: 1)))
        let entropy = SystemEntropy()
        #expect(ID<AuditEntry>.new(at: end + -1, entropy: entropy).rawValue < months[0].end)
        #expect(ID<AuditEntry>.new(at: end, entropy: entropy).rawValue >= months[0].end)
    }

    @Test("a table of SQLite stays in one piece")
    func sqlite() async throws {
        try await withDatabase(.sqlite, AuditMigrations.all) { database in
            let months = try await AuditMonths.divide(in: database, now: start)
            #expect(months == TableMonths(isDivided: false))
        }
    }

    /// Rows of each part.
    private func counts(_ database: any Database) async throws -> [String: Int64] {
        let parts = try await database.read { reader in
            try reader.query(
                """
                SELECT CAST(c.relname AS TEXT),
                    (SELECT count(*) FROM audit_entry e WHERE e.tableoid = c.oid)
                FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
                WHERE h.inhparent = to_regclass('audit_entry')
                """
            ).map { (try $0.text(0), try $0.integer(1)) }
        }
        return Dictionary(parts.map { ($0.0.replacing("audit_entry_", with: ""), $0.1) }) { $1 }
    }

    /// By columns and conditions, without names.
    private func indexes(of table: String, in database: any Database) async throws -> [String] {
        try await database.read { reader in
            try reader.query(
                """
                SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = to_regclass($1)
                """,
                table
            ).map { row in
                let text = try row.text(0)
                let unique = text.contains("UNIQUE") ? "unique " : ""
                return unique + (text.split(separator: " USING ").last.map(String.init) ?? text)
            }.sorted()
        }
    }
}
