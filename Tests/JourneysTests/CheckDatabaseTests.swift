import Foundation
import GRDB
import Kernel
import Storage
import TestSupport
import Testing

@testable import Server

/// Every check finds its rule broken.
@Suite("a database is checked", .serialized)
struct CheckDatabaseTests {
    private static let breaks: [StaticString] = [
        "UPDATE jobs_head SET sequence = 0 WHERE name = 'outbox'",
        """
        INSERT INTO jobs_delivery (subscriber, sequence, object, state, due, attempts)
        VALUES ('x', 999999, 'o', 'waiting', 0, 0)
        """,
        "UPDATE register_entry SET sequence = 7",
        "UPDATE register_subject SET state = 'dormant'",
        "UPDATE identity_enterprise SET name = 'x'",
        "UPDATE credential_record SET version = version + 1",
        "UPDATE credential_counter SET next = 0",
        "UPDATE case_happening SET sequence = 999 WHERE sequence = 1",
        "UPDATE case_case SET state = 'refused', decided_at = NULL",
        "UPDATE case_step SET state = 'open'",
        "DELETE FROM company_name_key",
        "INSERT INTO company_name_key (name_key, industry_class, entry) VALUES ('g:x', '1', 'none')",
        """
        INSERT INTO attachment_file (digest, kind, size_bytes, added_at)
        VALUES ('sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0', 'pdf', 3, 0)
        """,
        """
        INSERT INTO stock_import (id, kind, source, file, file_digest, mapping_digest, mapping, next_offset, next_line,
            started_at)
        VALUES ('i', 'enterprise', '', '', '', '', '', 0, 0, 0)
        """,
        """
        INSERT INTO stock_row (import, line, outcome, object, marks, source)
        VALUES ('i', 1, 'kept', 'enterprise:none', '', '{}')
        """,
        "INSERT INTO charge_entry (id, account, fen, reason, at) VALUES ('e', 'income/x', 1, 'x', 0)",
        """
        INSERT INTO charge_bill (id, number, object, case_number, payer, payee, payee_name, region, state, total,
            raised_at, version)
        VALUES ('b', 'B', 'o', 'c', 'p', 'x', 'x', '150203', 'due', 100, 0, 1)
        """,
        "DELETE FROM audit_entry WHERE sequence = 3", "DROP TABLE search_gram",
        "ALTER TABLE stock_row DROP COLUMN marks",
    ]

    @Test("a sound one has nothing wrong, in a broken one every check finds it, and the command ends with 1")
    func found() async throws {
        try await Installed.onEachEngine(withCompany: true) { installed in
            if installed.database.engine == .postgres {
                // Where it is there, every index is walked with its table.
                try await installed.database.write { try $0.execute("CREATE EXTENSION amcheck") }
            }
            let sound = try await findings(installed)
            #expect(sound.map(\.name) == DatabaseCheckup.names)
            let complaints = sound.filter { !$0.isGood }.map { "\($0.name): \($0.wrong) \($0.failure ?? "")" }
            #expect(complaints == [])
            let empty = sound.filter { $0.checked == 0 }.map(\.name)
            // An opening alone leaves no stock, no files and nothing to be delivered.
            #expect(
                Set(empty).isSubset(of: [
                    "stock.rows", "attachments", "jobs.deliveries", "charge.entries", "charge.bills",
                ]),
                "\(empty)"
            )
            let good = try Program.run(
                ["check-database", "--data", installed.folder],
                environment: installed.environment
            )
            #expect(good.exit == 0, "\(good.out)\(good.error)")
            for statement in Self.breaks {
                try await installed.database.write { try $0.execute(statement) }
            }
            try await orphan(in: installed)
            if installed.database.engine == .postgres {
                try await installed.database.write {
                    try $0.execute(
                        "UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'jobs_event_at'::regclass"
                    )
                }
            }
            let broken = try await findings(installed)
            let good2 = broken.filter(\.isGood).map(\.name)
            #expect(good2 == (installed.database.engine == .postgres ? [] : ["integrity"]))
            #expect(broken.compactMap(\.failure) == [])
            let told = try Program.run(
                ["check-database", "--json", "--data", installed.folder],
                environment: installed.environment
            )
            #expect(told.exit == 1)
            #expect(told.out.split(separator: "\n").count == DatabaseCheckup.names.count)
        }
    }

    @Test("without a database there is nothing to check")
    func nothing() throws {
        let told = try Program.run(
            ["check-database", "--data", "/no/such"],
            environment: ["DATABASE_URL": ""]
        )
        #expect(told.exit == 2 && told.error.contains("/no/such"))
    }

    private func findings(_ installed: Installed) async throws -> [DatabaseFinding] {
        var findings: [DatabaseFinding] = []
        try await DatabaseCheckup(installed.settings).run(told: { findings.append($0) })
        return findings
    }

    /// A row that refers to none, as a hand writes it that has put the constraints aside.
    private func orphan(in installed: Installed) async throws {
        switch installed.database.engine {
        case .sqlite:
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            let queue = try DatabaseQueue(
                path: "\(installed.folder)/suban.sqlite",
                configuration: configuration
            )
            try await queue.write { try $0.execute(sql: "INSERT INTO deadline_rung VALUES ('none', 'x', 1)") }
            try queue.close()
        case .postgres:
            try await installed.database.write { tx in
                try tx.execute("SET LOCAL session_replication_role = replica")
                try tx.execute("INSERT INTO deadline_rung (clock, rung, at) VALUES ('none', 'x', 1)")
            }
        }
    }
}
