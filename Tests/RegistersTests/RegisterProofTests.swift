import Audit
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

@testable import Registers
import Search

/// Whoever writes the register with plain SQL, digests and all, does not get past the log.
@Suite("the register is held against the log")
struct RegisterProofTests {
    private static let migrations =
        SearchMigrations.all + AuditMigrations.all + JobsMigrations.all + RegisterMigrations.all
    private static let start = Instant(milliseconds: 1_772_416_800_000)
    private static let code = "91150203MA0TEST01X"

    private static func occasion(_ hours: Int64) -> Occasion {
        Occasion(
            now: start + hours * Instant.hour,
            actor: Actor(.staff, id: "registrar", role: "registrar"),
            request: "test"
        )
    }

    /// Two entries of one company.
    private static func prepare(
        _ database: any Database,
        code: String = code,
        name: String = "包头市试验商贸有限公司"
    ) async throws {
        try await database.write { tx in
            try Register.establish(
                RegisterSubject(
                    register: "company",
                    code: code,
                    name: name,
                    state: .active,
                    region: "150203",
                    agency: "SCJG150203",
                    establishedOn: start.date,
                    items: ["name": .string(name), "legalRepresentative": "甲"],
                    isLegacy: false,
                    version: 1,
                    updatedAt: start
                ),
                filings: [
                    RegisterFiling(
                        kind: "director",
                        value: ["name": "甲"],
                        isConfidential: false,
                        from: start.date
                    )
                ],
                links: [],
                caseID: "c1",
                occasion: occasion(0),
                in: tx
            )
            try Register.act(
                .change,
                on: code,
                changes: ["legalRepresentative": "乙"],
                filings: [
                    RegisterFiling(
                        kind: "director",
                        value: ["name": "乙"],
                        isConfidential: false,
                        from: start.date
                    )
                ],
                caseID: "c2",
                occasion: occasion(1),
                in: tx
            )
        }
    }

    enum Forgery: CaseIterable, Sendable {
        case items, subject, authority, filing, lastEntry, logDeleted, saltErased, undoneQuietly

        var found: RegisterProblem {
            switch self {
            case .items: .notInLog(sequence: 2)
            case .subject, .authority, .filing: .subject
            case .lastEntry: .missing(count: 1)
            case .logDeleted, .saltErased: .notInLog(sequence: 1)
            case .undoneQuietly: .chain(sequence: 2)
            }
        }
    }

    private static func apply(_ forgery: Forgery, in tx: any Transaction) throws {
        let entries = try RegisterStore.entries(of: code, in: tx)
        switch forgery {
        case .items:
            // The whole craft: the last line, its digest, and the subject beside it.
            var items = entries[1].items
            items["legalRepresentative"] = "赵铁柱"
            let forged = RegisterEntry(
                register: entries[1].register,
                code: code,
                sequence: 2,
                act: entries[1].act,
                changes: ["legalRepresentative": "赵铁柱"],
                items: items,
                state: entries[1].state,
                at: entries[1].at,
                caseID: entries[1].caseID,
                by: entries[1].by,
                digest: "",
                standing: entries[1].standing
            )
            let digest = forged.digest(after: entries[0].digest)
            try tx.execute(
                "UPDATE register_entry SET items = $1, changes = $2, digest = $3 WHERE code = $4 AND sequence = 2",
                items,
                forged.changes,
                digest,
                code
            )
            try tx.execute("UPDATE register_subject SET items = $1 WHERE code = $2", items, code)
        case .subject:
            try tx.execute("UPDATE register_subject SET items = $1 WHERE code = $2", entries[0].items, code)
        case .authority:
            try tx.execute("UPDATE register_subject SET region = '150204' WHERE code = $1", code)
        case .filing:
            try tx.execute(
                "UPDATE register_filing SET value = $1 WHERE code = $2",
                ["name": "丙"] as JSON,
                code
            )
        case .lastEntry:
            try tx.execute("DELETE FROM register_entry WHERE code = $1 AND sequence = 2", code)
            try tx.execute("UPDATE register_subject SET items = $1 WHERE code = $2", entries[0].items, code)
        case .logDeleted:
            try tx.execute("DELETE FROM audit_entry WHERE bytes LIKE '%register.establish%'")
        case .saltErased:
            try tx.execute("UPDATE audit_entry SET salt = NULL WHERE bytes LIKE '%register.establish%'")
        case .undoneQuietly:
            try tx.execute("UPDATE register_entry SET items = changes WHERE code = $1 AND sequence = 2", code)
        }
    }

    @Test("what was entered stands, and each forgery is named", arguments: Forgery.allCases)
    func forged(forgery: Forgery) async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.prepare(database)
            let sound = try await database.read { try RegisterProof.of(Self.code, in: $0) }
            #expect(sound.problem == nil && sound.log.count == 2)
            try await database.write { try Self.apply(forgery, in: $0) }
            let proof = try await database.read { try RegisterProof.of(Self.code, in: $0) }
            #expect(proof.problem == forgery.found, "\(forgery) on \(database.engine)")
            let (subjects, problems) = try await RegisterProof.all(in: database, max: 100)
            #expect(subjects == 1 && problems.map(\.problem) == [forgery.found])
        }
    }

    @Test("a firm that is erased with all its rows is missed")
    func erased() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.prepare(database, code: "91150203MA0TEST00A", name: "包头市甲有限公司")
            try await Self.prepare(database)
            #expect(try await RegisterProof.all(in: database, max: 100).problems.isEmpty)
            try await database.write { tx in
                try tx.execute("DELETE FROM register_link WHERE code = $1", Self.code)
                try tx.execute("DELETE FROM register_filing WHERE code = $1", Self.code)
                try tx.execute("DELETE FROM register_entry WHERE code = $1", Self.code)
                try tx.execute("DELETE FROM register_subject WHERE code = $1", Self.code)
            }
            let (subjects, problems) = try await RegisterProof.all(in: database, max: 100)
            #expect(subjects == 1 && problems.map(\.code) == [Self.code], "\(database.engine)")
            #expect(problems.map(\.problem) == [.missing(count: 2)])
            #expect(try await RegisterProof.all(in: database, max: 0).problems.isEmpty)
        }
    }

    @Test("of an entry from before digests were logged the items are held against the log")
    func before() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.prepare(database)
            try await database.write { tx in
                // As it was written then.
                let entries = try RegisterStore.entries(of: Self.code, in: tx)
                try tx.execute("UPDATE register_entry SET standing = NULL")
                try tx.execute("DELETE FROM audit_entry")
                for entry in entries {
                    try AuditLog.append(
                        "register.\(entry.act.rawValue)",
                        object: "register:company:\(Self.code)",
                        after: entry.items,
                        occasion: Self.occasion(2),
                        in: tx
                    )
                }
            }
            #expect(try await database.read { try RegisterProof.of(Self.code, in: $0) }.problem == nil)
            try await database.write { try Self.apply(.items, in: $0) }
            #expect(
                try await database.read { try RegisterProof.of(Self.code, in: $0) }.problem
                    == .notInLog(sequence: 2)
            )
        }
    }

    @Test("what cannot be read is named, and the comparison goes on to the next")
    func unreadable() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.prepare(database, code: "91150203MA0TEST00A", name: "包头市甲有限公司")
            try await Self.prepare(database)
            try await database.write { tx in
                try tx.execute("UPDATE register_filing SET value = 'x' WHERE code = '91150203MA0TEST00A'")
                try Self.apply(.authority, in: tx)
            }
            let (subjects, problems) = try await RegisterProof.all(in: database, max: 100)
            #expect(subjects == 2 && problems.map(\.problem) == [.unreadable, .subject])
        }
    }

    private final class Counting: Reader {
        private let base: any Reader
        private(set) var entries = 0

        init(_ base: any Reader) { self.base = base }

        func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
            if "\(sql)".contains("FROM register_entry") { entries += 1 }
            return try base.query(sql, values)
        }
    }

    @Test("a public page reads the entries of its subject once")
    func once() async throws {
        try await forEachEngine(Self.migrations) { database in
            try await Self.prepare(database)
            let count = try await database.read { reader in
                let counting = Counting(reader)
                let record = try PublicRecord.read(Self.code, at: Self.start + Instant.day, in: counting)
                #expect(record?.problem == nil && record?.history.count == 2)
                return counting.entries
            }
            #expect(count == 1)
        }
    }
}
