import Kernel
import Storage
import StoragePostgres
import TestSupport
import Testing

@testable import Identity

@Suite("the question for a session")
struct SessionPlanTests {
    @Test("is answered by the key, however many sessions are open and though nobody has counted them")
    func byKey() async throws {
        try await withOwnDatabase("sessions") { url in
            let database = try PostgresDatabase(url: url, connectionsMax: 1)
            try await database.migrate(identityMigrations)
            await database.close()
            let question = SessionStore.question([1], now: Instant(milliseconds: 0))
            let (plan, complaint) = try psql(
                """
                ALTER TABLE identity_session SET (autovacuum_enabled = off);
                ALTER TABLE identity_account SET (autovacuum_enabled = off);
                INSERT INTO identity_account (id, kind, holder, created)
                SELECT 'account-' || i, 'person', 'person-' || i, i FROM generate_series(1, 400) i;
                INSERT INTO identity_session (token, id, account, created, seen, idle_until, absolute_until, device)
                SELECT sha256(i::text::bytea), 'session-' || i, 'account-' || i, i, i, 9000000 + i, 9000000 + i, ''
                FROM generate_series(1, 400) i;
                SET plan_cache_mode = force_generic_plan;
                PREPARE question AS \(question.sql);
                EXPLAIN EXECUTE question('\\x00', '2026-11-22');
                """,
                at: url
            )
            #expect(complaint == nil)
            #expect(plan.contains("Index Scan using identity_session_pkey"), "\(plan)")
        }
    }
}
