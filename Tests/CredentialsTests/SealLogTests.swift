import Credentials
import Kernel
import Storage
import TestSupport
import Testing

/// Seals, their ledgers and the uses of licences against the log.
@Suite("seals, their ledgers and uses of licences in the log")
struct SealLogTests {
    /// What somebody does with plain SQL to a seal that was used, with `$1` its identifier.
    enum Forgery: CaseIterable {
        case state, step, stepGone, moment, reason, picture, certificate, filing, owner
        case useGone, signer, result, useMoment, useMore, digest, purpose, asker, decision, seal
        case permitGone, agent, role, kinds, from, until, usesMax, uses, granter, granted, unrevoked, revoked

        var statements: [StaticString] {
            switch self {
            case .state: ["UPDATE seal SET state = 'suspended' WHERE id = $1"]
            case .step: ["UPDATE seal_step SET state = 'suspended' WHERE seal = $1 AND version = 5"]
            case .stepGone:
                [
                    "DELETE FROM seal_step WHERE seal = $1 AND version > 6",
                    "UPDATE seal SET state = 'suspended', version = 6 WHERE id = $1",
                ]
            case .moment: ["UPDATE seal_step SET at = at - 1 WHERE seal = $1 AND version = 6"]
            case .reason: ["UPDATE seal_step SET reason = 'x' WHERE seal = $1 AND version = 6"]
            case .picture: ["UPDATE seal SET ses = NULL WHERE id = $1"]
            case .certificate: ["UPDATE seal SET certificate = '00' WHERE id = $1"]
            case .filing: ["UPDATE seal SET filing = '0' WHERE id = $1"]
            case .owner: ["UPDATE seal SET owner = '91150203MA0P5678X1' WHERE id = $1"]
            case .useGone: ["DELETE FROM seal_use WHERE seal = $1"]
            case .signer: ["UPDATE seal_use SET signer = approver WHERE seal = $1"]
            case .result: ["UPDATE seal_use SET result = '00' WHERE seal = $1"]
            case .useMoment: ["UPDATE seal_use SET at = at - 1 WHERE seal = $1"]
            case .useMore:
                [
                    """
                    INSERT INTO seal_use (request, seal, signer, approver, result, certificate, at)
                    SELECT r.id, r.seal, u.signer, u.approver, u.result, u.certificate, u.at
                    FROM seal_request r, seal_use u WHERE r.seal = $1 AND r.state = 'refused'
                    """
                ]
            case .digest: ["UPDATE seal_request SET digest = '00' WHERE seal = $1"]
            case .purpose: ["UPDATE seal_request SET purpose = 'x' WHERE seal = $1 AND state = 'signed'"]
            case .asker:
                ["UPDATE seal_request SET requester = decided_by WHERE seal = $1 AND state = 'signed'"]
            case .decision:
                ["UPDATE seal_request SET state = 'approved' WHERE seal = $1 AND state = 'refused'"]
            case .permitGone: ["DELETE FROM seal_permit WHERE seal = $1 AND revoked_at IS NOT NULL"]
            case .agent: ["UPDATE seal_permit SET agent = granted_by WHERE seal = $1"]
            case .role: ["UPDATE seal_permit SET role = 'approve' WHERE seal = $1"]
            case .kinds: ["UPDATE seal_permit SET kinds = 'contract loan' WHERE seal = $1"]
            case .from: ["UPDATE seal_permit SET from_day = '2020-01-01' WHERE seal = $1"]
            case .until: ["UPDATE seal_permit SET until_day = '2099-01-01' WHERE seal = $1"]
            case .usesMax: ["UPDATE seal_permit SET uses_max = 99 WHERE seal = $1"]
            case .uses: ["UPDATE seal_permit SET uses = 0 WHERE seal = $1"]
            case .granter: ["UPDATE seal_permit SET granted_by = agent WHERE seal = $1"]
            case .granted: ["UPDATE seal_permit SET granted_at = granted_at - 1 WHERE seal = $1"]
            case .unrevoked: ["UPDATE seal_permit SET revoked_at = NULL WHERE seal = $1"]
            case .revoked: ["UPDATE seal_permit SET revoked_at = revoked_at - 1 WHERE seal = $1"]
            case .seal:
                [
                    "DELETE FROM seal_use WHERE seal = $1", "DELETE FROM seal_request WHERE seal = $1",
                    "DELETE FROM seal_permit WHERE seal = $1", "DELETE FROM seal_paper WHERE seal = $1",
                    "DELETE FROM seal_step WHERE seal = $1", "DELETE FROM seal WHERE id = $1",
                ]
            }
        }
    }

    /// In force again after a suspension, used once, and refused once; a permit was taken back.
    private func used(_ world: SealWorld) async throws -> Seal {
        let seal = try await world.activeSeal()
        try await world.permit(seal, to: world.clerk)
        let taken = try await world.permit(seal, to: world.accountant, as: .approve, kinds: [])
        try await world.database.write { tx in
            try SealPermits.revoke(taken.id, by: world.boss, occasion: world.at(6), in: tx)
        }
        let request = try await world.ask(seal, by: world.clerk)
        try await world.approve(request, by: world.boss)
        _ = try await world.sign(request, by: world.clerk)
        let refused = try await world.ask(seal, by: world.clerk, minutes: 9)
        try await world.approve(refused, by: world.boss, refusal: "不同意")
        try await world.move(seal.id, .suspend, minutes: 20)
        return try await world.move(seal.id, .resume, minutes: 30)
    }

    private func altered(_ world: SealWorld) async throws -> [String] {
        try await Seals.compareWithLog(in: world.database, max: 100).altered
    }

    @Test(
        "what somebody changes, takes away or adds with plain SQL is named",
        arguments: DatabaseEngine.allCases
    )
    func forged(engine: DatabaseEngine) async throws {
        for forgery in Forgery.allCases {
            // Each on a seal of its own would be as good; the world costs less than the doubt.
            try await withDatabase(engine, sealMigrations) { database in
                let world = try await SealWorld(database)
                let seal = try await used(world)
                let sound = try await Seals.compareWithLog(in: database, max: 100)
                #expect(sound.count == 1 && sound.altered == [])
                try await database.write { tx in
                    for statement in forgery.statements { try tx.execute(statement, seal.id) }
                }
                #expect(try await altered(world) == ["seal:\(seal.id)"], "\(forgery)")
            }
        }
    }

    @Test(
        "the ledger of a seal that ended goes when its term is over, and the log bears that out",
        arguments: DatabaseEngine.allCases
    )
    func forgotten(engine: DatabaseEngine) async throws {
        try await withDatabase(engine, sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await used(world)
            func forget(before moment: Instant) async throws -> Int {
                try await database.write { tx in
                    try SealLedger.forget(endedBefore: moment, countMax: 10, occasion: occasion(100), in: tx)
                }
            }
            #expect(try await forget(before: start + 9_000 * Instant.day) == 0, "it has not ended")
            try await world.move(seal.id, .void, minutes: 40)
            #expect(try await forget(before: world.at(39).now) == 0)
            #expect(try await forget(before: world.at(41).now) == 3)
            #expect(try await database.read { try SealLedger.uses(of: seal.id, in: $0) } == [])
            #expect(try await altered(world) == [])
            // Its life is still compared.
            try await database.write { tx in
                try tx.execute("UPDATE seal_step SET at = at - 1 WHERE seal = $1 AND version = 6", seal.id)
            }
            #expect(try await altered(world) == ["seal:\(seal.id)"])
        }
    }

    private struct Turned: ColumnSeal {
        func seal(_ bytes: [UInt8]) throws -> [UInt8] { bytes.map { ~$0 } }
        func open(_ bytes: [UInt8]) throws -> [UInt8] { bytes.map { ~$0 } }
        func lookup(_ use: String, _ text: String) -> String { text }
    }

    @Test("what a document is called, what for, and why not lies sealed", arguments: DatabaseEngine.allCases)
    func sealedWords(engine: DatabaseEngine) async throws {
        try await withDatabase(engine, sealMigrations) { bare in
            let world = try await SealWorld(SealedDatabase(bare, seal: Turned()))
            let seal = try await used(world)
            let kept = try await bare.read { reader in
                try reader.query("SELECT name, purpose, reason FROM seal_request").flatMap { row in
                    [try row.text(0), try row.text(1), try row.optionalText(2) ?? ""]
                }
            }
            #expect(kept.count == 6)
            for word in ["合同.ofd", "采购", "不同意"] { #expect(!kept.contains { $0.contains(word) }) }
            let uses = try await world.database.read { try SealLedger.uses(of: seal.id, in: $0) }
            #expect(uses.map(\.subject.name) == ["合同.ofd"] && uses.map(\.subject.purpose) == ["采购"])
            #expect(try await altered(world) == [])
        }
    }

    @Test(
        "a use of a licence is compared, and leaves the licence as it was logged",
        arguments: DatabaseEngine.allCases
    )
    func licenceUses(engine: DatabaseEngine) async throws {
        try await withDatabase(engine, sealMigrations) { database in
            let authority = try authority(on: database)
            let licence = try await issue(draft(), by: authority, on: database)
            for minute in [5, 6] {
                try await database.write { tx in
                    try LicenceUses.taken(
                        licence,
                        for: TakenUse(
                            organisation: "包头市审批服务局",
                            purpose: "办件",
                            item: "公司设立登记",
                            itemCode: nil,
                            caseNumber: "C\(minute)"
                        ),
                        occasion: occasion(Int64(minute)),
                        in: tx
                    )
                }
            }
            func altered() async throws -> [String] {
                try await LicenceUses.compareWithLog(in: database, max: 10).altered
            }
            #expect(try await LicenceUses.compareWithLog(in: database, max: 10).count == 2)
            #expect(try await altered() == [])
            #expect(try await Credentials.compareWithLog(in: database, max: 10).altered == [])
            #expect(try await database.read { try Credentials.isAsLogged(licence.id, in: $0) })
            let uses = try await database.read {
                try LicenceUses.of(holder: licence.record.holder.code, limit: 10, in: $0)
            }
            try await database.write { tx in
                try tx.execute("UPDATE licence_use SET purpose = 'x' WHERE id = $1", uses[0].id)
                try tx.execute("DELETE FROM licence_use WHERE id = $1", uses[1].id)
            }
            #expect(try await Set(altered()) == Set(uses.map { "licence-use:\($0.id)" }))
        }
    }
}
