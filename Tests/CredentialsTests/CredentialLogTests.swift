import Audit
import Credentials
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// Licences and seals against the log.
@Suite("credentials and the log")
struct CredentialLogTests {
    private func altered(_ database: any Database) async throws -> [String] {
        try await Credentials.compareWithLog(in: database, max: 100).altered
    }

    private func apply(
        _ event: CredentialEvent,
        to credential: Credential,
        minute: Int64,
        on database: any Database
    ) async throws {
        try await database.write { tx in
            _ = try Credentials.apply(
                event,
                to: credential.id,
                reason: "correction:1",
                effective: start + (minute - 5) * Instant.minute,
                occasion: occasion(minute),
                in: tx
            )
        }
    }

    @Test("a licence that was used is as it was logged")
    func used() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            let use = TakenUse(organisation: "某局", purpose: "办事", item: "001", itemCode: nil, caseNumber: "1")
            try await database.write {
                try LicenceUses.taken(licence, for: use, occasion: occasion(1), in: $0)
            }
            #expect(try await altered(database) == [])
            #expect(try await database.read { try Credentials.isAsLogged(licence.id, in: $0) })
        }
    }

    /// What somebody does with plain SQL.
    enum Forgery: CaseIterable {
        case revived, revoked, earlier, recorded, reason, successor, holder, record, deleted
        case type, identifier, code, seal, state, column, version, numbers

        private var statements: [StaticString] {
            switch self {
            case .revived:
                [
                    "DELETE FROM credential_step WHERE credential = $1 AND version = 2",
                    "UPDATE credential_record SET state = 'valid', version = 1 WHERE id = $1",
                ]
            case .revoked:
                [
                    """
                    INSERT INTO credential_step (credential, version, state, at, recorded_at, reason)
                    SELECT credential, 3, 'revoked', at, recorded_at, reason FROM credential_step
                    WHERE credential = $1 AND version = 2
                    """,
                    "UPDATE credential_record SET state = 'revoked', version = 3 WHERE id = $1",
                ]
            case .earlier: ["UPDATE credential_step SET at = at - 1 WHERE credential = $1 AND version = 2"]
            case .recorded:
                [
                    """
                    UPDATE credential_step SET recorded_at = recorded_at - 1
                    WHERE credential = $1 AND version = 2
                    """
                ]
            case .reason: ["UPDATE credential_step SET reason = 'x' WHERE credential = $1 AND version = 2"]
            case .successor: ["UPDATE credential_record SET replaced_by = 'x' WHERE id = $1"]
            case .holder: ["UPDATE credential_record SET holder = 'x' WHERE id = $1"]
            case .record:
                ["UPDATE credential_record SET record = replace(record, '张三', '李四') WHERE id = $1"]
            case .deleted:
                [
                    "DELETE FROM credential_step WHERE credential = $1",
                    "DELETE FROM credential_record WHERE id = $1",
                ]
            case .type: ["UPDATE credential_record SET type = 'x' WHERE id = $1"]
            case .identifier: ["UPDATE credential_record SET identifier = 'x' WHERE id = $1"]
            case .code: ["UPDATE credential_record SET code = 'x' WHERE id = $1"]
            case .seal: ["UPDATE credential_record SET seal_code = 'x' WHERE id = $1"]
            case .state:
                [
                    "UPDATE credential_step SET state = 'suspended' WHERE credential = $1 AND version = 2",
                    "UPDATE credential_record SET state = 'suspended' WHERE id = $1",
                ]
            case .column: ["UPDATE credential_record SET state = 'valid' WHERE id = $1"]
            case .version: ["UPDATE credential_record SET version = 3 WHERE id = $1"]
            case .numbers: ["UPDATE credential_step SET version = 3 WHERE credential = $1 AND version = 2"]
            }
        }

        static func apply(_ forgery: Forgery, to id: ID<Credential>, in tx: any Transaction) throws {
            for statement in forgery.statements { try tx.execute(statement, id) }
        }
    }

    @Test("a licence that was revived, ended or rewritten is named", arguments: Forgery.allCases)
    func forged(forgery: Forgery) async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            let other = try await issue(draft(), by: authority, on: database)
            try await apply(.withdraw, to: licence, minute: 10, on: database)
            let sound = try await Credentials.compareWithLog(in: database, max: 100)
            #expect(sound.count == 2 && sound.altered.isEmpty)
            try await database.write { try Forgery.apply(forgery, to: licence.id, in: $0) }
            #expect(try await altered(database) == ["credential:\(licence.id)"], "\(database.engine)")
            let (isLicence, isOther) = try await database.read { reader in
                (
                    try Credentials.isAsLogged(licence.id, in: reader),
                    try Credentials.isAsLogged(other.id, in: reader)
                )
            }
            #expect(!isLicence && isOther)
        }
    }

    @Test("turns that changed places are found, though each of them was logged")
    func swapped() async throws {
        try await forEachEngine(migrations) { database in
            let licence = try await issue(draft(), by: try authority(on: database), on: database)
            for (minute, event) in [CredentialEvent.withdraw, .reinstate].enumerated() {
                try await apply(event, to: licence, minute: 10 + Int64(minute), on: database)
            }
            #expect(try await altered(database).isEmpty)
            try await database.write { tx in
                for (from, to) in [(2, 9), (3, 2), (9, 3)] {
                    try tx.execute(
                        "UPDATE credential_step SET version = $3 WHERE credential = $1 AND version = $2",
                        licence.id,
                        from,
                        to
                    )
                }
                try tx.execute("UPDATE credential_record SET state = 'withdrawn' WHERE id = $1", licence.id)
            }
            #expect(try await altered(database) == ["credential:\(licence.id)"])
        }
    }

    @Test("a life with all its turns stands: replaced, suspended, resumed, withdrawn, reinstated")
    func sound() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let old = try await issue(draft(), by: authority, on: database)
            let change = try await authority.prepareChange(
                of: old,
                to: draft(name: "包头市新名商贸有限公司"),
                occasion: occasion(1)
            )
            let new = try await database.write {
                try Credentials.store(change, occasion: occasion(2), in: $0)
            }
            let turns: [CredentialEvent] = [.suspend, .resume, .withdraw, .reinstate]
            for (index, event) in turns.enumerated() {
                try await apply(event, to: new, minute: 10 + Int64(index), on: database)
            }
            let sound = try await Credentials.compareWithLog(in: database, max: 100)
            #expect(sound.count == 2 && sound.altered.isEmpty)
            try await database.write {
                try $0.execute("UPDATE credential_record SET replaced_by = 'x' WHERE state = 'replaced'")
            }
            #expect(try await altered(database) == ["credential:\(old.id)"])
        }
    }

    @Test("entries from before moments and signed bytes were digested still bear a licence out")
    func before() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            try await apply(.withdraw, to: licence, minute: 10, on: database)
            try await database.write { tx in
                try tx.execute("DELETE FROM audit_entry")
                let issued: JSON = [
                    "identifier": .string(licence.record.identifier.description),
                    "type": .string(licence.record.type), "holder": .string(licence.record.holder.code),
                    "code": .string(licence.record.code.rawValue),
                ]
                let withdrawn: JSON = [
                    "identifier": .string(licence.record.identifier.description),
                    "holder": .string(licence.record.holder.code), "state": "withdrawn",
                    "reason": "correction:1",
                ]
                for (act, facts) in [("issued", issued), ("withdrawn", withdrawn)] {
                    try AuditLog.append(
                        "credential.\(act)",
                        object: "credential:\(licence.id)",
                        after: facts,
                        occasion: occasion(),
                        in: tx
                    )
                }
            }
            #expect(try await altered(database).isEmpty)
            // What those entries did not digest is held against what was signed.
            let begun: [(done: StaticString, undone: StaticString)] = [
                (
                    "UPDATE credential_step SET at = at - 1 WHERE credential = $1 AND version = 1",
                    "UPDATE credential_step SET at = at + 1 WHERE credential = $1 AND version = 1"
                ),
                (
                    "UPDATE credential_step SET state = 'revoked' WHERE credential = $1 AND version = 1",
                    "UPDATE credential_step SET state = 'valid' WHERE credential = $1 AND version = 1"
                ),
            ]
            for (done, undone) in begun {
                try await database.write { try $0.execute(done, licence.id) }
                #expect(try await altered(database) == ["credential:\(licence.id)"], "\(done)")
                try await database.write { try $0.execute(undone, licence.id) }
                #expect(try await altered(database).isEmpty, "\(undone)")
            }
            try await database.write { try Forgery.apply(.revived, to: licence.id, in: $0) }
            #expect(try await altered(database) == ["credential:\(licence.id)"])
        }
    }
}
