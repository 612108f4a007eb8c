import Credentials
import Cryptography
import Documents
import Foundation
import Identity
import Kernel
import Storage
import TestSupport
import Testing

@Suite("use of seals")
struct SealUseTests {
    @Test("permit, request, approval by a second, signature: a valid file and a line in the ledger")
    func whole() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            let permit = try await world.permit(seal, to: world.clerk)
            let request = try await world.ask(seal, by: world.clerk)
            try await world.approve(request, by: world.boss)
            let sealed = try await world.sign(request, by: world.clerk)
            let verdict = try await world.verdict(sealed.bytes)
            #expect(verdict.isValid, "\(verdict.problems)")
            #expect(verdict.proven.map(\.code).contains("seal.in-force"))
            let uses = try await database.read { try SealLedger.uses(of: seal.id, in: $0) }
            #expect(uses == [sealed.use])
            #expect(uses.first?.permit == permit.id && uses.first?.certificate == seal.made?.certificate)
            #expect(uses.first?.result == Hex.encode(SM3.digest(sealed.bytes)))
            let csv = SealLedger.csv(uses, code: try #require(seal.code))
            #expect(csv.contains("\"C1\"") && csv.contains(request.subject.digest))
            // Suspended afterwards: what was signed before stays good.
            try await world.move(seal.id, .suspend, minutes: 30)
            #expect(try await world.verdict(sealed.bytes).isValid)
        }
    }

    @Test("a document that says what only licences say is not taken for a firm's seal")
    func licence() async throws {
        try await withDatabase(.sqlite, sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            let entries = try Package(reading: SealWorld.document(), limits: SealWorld.limits).entries
            func handedIn(_ name: String) async throws {
                let whole = entries.map { entry in
                    let text = String(decoding: entry.bytes, as: UTF8.self).replacing(
                        "</ofd:DocInfo>",
                        with: "<ofd:CustomDatas><ofd:CustomData Name=\"\(name)\">1</ofd:CustomData>"
                            + "</ofd:CustomDatas></ofd:DocInfo>"
                    )
                    return entry.name == "OFD.xml" ? PackageEntry(entry.name, Array(text.utf8)) : entry
                }
                let bytes = try Package(whole).zipped()
                _ = try await world.workshop.package(bytes, for: seal, limits: SealWorld.limits)
            }
            try await handedIn("HTBH")
            for name in ["ZZBH", "CZZT", "JZJYXQJZSJ", "KZ_JYFW"] {
                await #expect(throws: SealError.licence) { try await handedIn(name) }
            }
        }
    }

    @Test("four eyes: never the requester, not just anybody, and an agent who may approve")
    func fourEyes() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            let own = try await world.ask(seal, by: world.boss)
            await #expect(throws: SealError.fourEyes) { try await world.approve(own, by: world.boss) }
            await #expect(throws: SealError.notApprover) {
                try await world.approve(own, by: world.accountant)
            }
            await #expect(throws: SealError.notActing) { try await world.approve(own, by: world.stranger) }
            try await world.permit(seal, to: world.accountant, as: .approve, kinds: [])
            try await world.approve(own, by: world.accountant)
            _ = try await world.sign(own, by: world.boss)
            // Not signed before it is approved, nor by another than who asked, nor when it was refused.
            let next = try await world.ask(seal, by: world.boss)
            await #expect(throws: SealError.notWaiting(state: "waiting")) {
                _ = try await world.sign(next, by: world.boss)
            }
            try await world.approve(next, by: world.accountant)
            await #expect(throws: SealError.noPermit) { _ = try await world.sign(next, by: world.accountant) }
            let refused = try await world.ask(seal, by: world.boss)
            try await world.approve(refused, by: world.accountant, refusal: "无合同编号")
            await #expect(throws: SealError.notWaiting(state: "refused")) {
                _ = try await world.sign(refused, by: world.boss)
            }
        }
    }

    @Test(
        "what waits for whom, and a request that is taken back; a seal is found by its owner and its certificate"
    )
    func waiting() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            let request = try await world.ask(seal, by: world.boss)
            func waits(_ person: ID<Person>) async throws -> [ID<SealRequest>] {
                try await database.read {
                    try SealRequests.waiting(for: person, of: [company.code], at: world.at(20).now, in: $0)
                        .map(\.request.id)
                }
            }
            #expect(try await waits(world.accountant) == [])
            try await world.permit(seal, to: world.accountant, as: .approve, kinds: [])
            #expect(try await waits(world.accountant) == [request.id])
            #expect(try await waits(world.boss) == [], "nobody approves his own")
            func withdraw(_ person: ID<Person>) async throws {
                try await database.write { tx in
                    try SealRequests.withdraw(request.id, by: person, occasion: world.at(21), in: tx)
                }
            }
            await #expect(throws: SealError.notRequester) { try await withdraw(world.accountant) }
            try await withdraw(world.boss)
            #expect(try await waits(world.accountant) == [])
            await #expect(throws: SealError.notWaiting(state: "withdrawn")) { try await withdraw(world.boss) }
            let serial = try #require(seal.made?.certificate).uppercased()
            let found = try await database.read { reader in
                (
                    try Seals.named("商贸", from: "150200", below: "150300", in: reader).map(\.id),
                    try Seals.named("%", from: "", below: "~", in: reader).map(\.id),
                    try Seals.named("商贸", from: "150300", below: "150400", in: reader).map(\.id),
                    try Seals.find(certificate: serial, in: reader)?.id,
                    try Seals.since(seal, in: reader)
                )
            }
            #expect(found.0 == [seal.id] && found.1 == [] && found.2 == [])
            #expect(found.3 == seal.id && found.4 == world.at(4).now)
        }
    }

    @Test("outside its permit: another kind of document, after its end, once too often, taken back")
    func permits() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            await #expect(throws: SealError.noPermit) { _ = try await world.ask(seal, by: world.clerk) }
            let permit = try await world.permit(seal, to: world.clerk, days: 3, usesMax: 1)
            await #expect(throws: SealError.otherKind("loan")) {
                _ = try await world.ask(seal, by: world.clerk, kind: "loan")
            }
            let (first, second) = (
                try await world.ask(seal, by: world.clerk), try await world.ask(seal, by: world.clerk)
            )
            try await world.approve(first, by: world.boss)
            try await world.approve(second, by: world.boss)
            await #expect(throws: SealError.permitOver) {
                _ = try await world.sign(first, by: world.clerk, minutes: 4 * 24 * 60)
            }
            _ = try await world.sign(first, by: world.clerk)
            await #expect(throws: SealError.usedUp) { _ = try await world.sign(second, by: world.clerk) }
            await #expect(throws: SealError.usedUp) { _ = try await world.ask(seal, by: world.clerk) }
            try await world.permit(seal, to: world.clerk)
            let third = try await world.ask(seal, by: world.clerk)
            try await world.approve(third, by: world.boss)
            try await database.write { tx in
                for permit in try SealPermits.all(of: seal.id, in: tx) {
                    try SealPermits.revoke(permit.id, by: world.boss, occasion: occasion(7), in: tx)
                }
            }
            await #expect(throws: SealError.permitOver) { _ = try await world.sign(third, by: world.clerk) }
            #expect(
                try await database.read { try SealLedger.uses(of: seal.id, in: $0).map(\.permit) } == [
                    permit.id
                ]
            )
        }
    }

    @Test("by a dismissed agent, or approved by one")
    func dismissed() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            try await world.permit(seal, to: world.clerk)
            try await world.permit(seal, to: world.accountant, as: .approve, kinds: [])
            let (mine, bosses) = (
                try await world.ask(seal, by: world.clerk), try await world.ask(seal, by: world.boss)
            )
            try await world.approve(mine, by: world.boss)
            try await world.approve(bosses, by: world.accountant)
            try await database.write { tx in
                for right in try Enterprises.authorisations(of: company.code, in: tx) {
                    try Enterprises.revoke(right.id, by: world.boss, occasion: occasion(7), in: tx)
                }
            }
            await #expect(throws: SealError.notActing) { _ = try await world.sign(mine, by: world.clerk) }
            await #expect(throws: SealError.notActing) { _ = try await world.sign(bosses, by: world.boss) }
            await #expect(throws: SealError.notActing) { _ = try await world.ask(seal, by: world.clerk) }
            // A later right brings the old permits not back.
            try await world.runJobs()
            try await world.appoint(world.clerk)
            await #expect(throws: SealError.permitOver) { _ = try await world.sign(mine, by: world.clerk) }
            await #expect(throws: SealError.permitOver) {
                _ = try await world.ask(seal, by: world.clerk, minutes: 9)
            }
            let permits = try await database.read { try SealPermits.all(of: seal.id, in: $0) }
            #expect(permits.count == 2 && permits.allSatisfy { $0.revokedAt != nil })
        }
    }

    @Test(
        "after suspension, loss and end, also when only the record was suspended",
        arguments: ["seal", "record"]
    )
    func notInForce(what: String) async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            try await world.permit(seal, to: world.clerk)
            let request = try await world.ask(seal, by: world.clerk)
            try await world.approve(request, by: world.boss)
            func refused(_ state: SealState) async {
                await #expect(throws: SealError.notInForce(state: state)) {
                    _ = try await world.sign(request, by: world.clerk)
                }
            }
            if what == "record" {
                let id = try #require(seal.credential)
                try await database.write {
                    _ = try Credentials.apply(.suspend, to: id, reason: "r", occasion: occasion(7), in: $0)
                }
                // The seal itself has not heard of it yet.
                return await refused(.suspended)
            }
            try await world.move(seal.id, .suspend, minutes: 7)
            await refused(.suspended)
            try await world.move(seal.id, .lose, minutes: 7)
            await refused(.lost)
            try await world.move(seal.id, .void, minutes: 7)
            await refused(.voided)
            await #expect(throws: SealError.notInForce(state: .voided)) {
                _ = try await world.ask(seal, by: world.clerk)
            }
            #expect(try await database.read { try SealLedger.uses(of: seal.id, in: $0) } == [])
        }
    }

    @Test("who needs no second person confirms by a second step, which ledger and log say; others need one")
    func alone() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database, isAlone: { $0.kind == "seal-contract" })
            func confirm(_ request: SealRequest, by person: ID<Person>) async throws {
                try await database.write { tx in
                    try world.workshop.confirm(
                        request.id,
                        digest: request.subject.digest,
                        after: .textMessage,
                        by: person,
                        occasion: occasion(7),
                        in: tx
                    )
                }
            }
            let seal = try await world.activeSeal()
            let request = try await world.ask(seal, by: world.boss)
            await #expect(throws: SealError.fourEyes) { try await world.approve(request, by: world.boss) }
            await #expect(throws: SealError.notRequester) { try await confirm(request, by: world.clerk) }
            try await world.permit(seal, to: world.clerk)
            let asked = try await world.ask(seal, by: world.clerk)
            await #expect(throws: SealError.notRepresentative) { try await confirm(asked, by: world.clerk) }
            try await confirm(request, by: world.boss)
            await #expect(throws: SealError.notWaiting(state: "approved")) {
                try await confirm(request, by: world.boss)
            }
            let use = try await world.sign(request, by: world.boss).use
            let uses = try await database.read { try SealLedger.uses(of: seal.id, in: $0) }
            #expect(uses == [use] && use.confirmation == .textMessage && use.approver == use.signer)
            #expect(SealLedger.csv(uses, code: "1").contains("\"text-message\""))
            #expect(try await Seals.compareWithLog(in: database, max: 9).altered == [])
            let finance = try await world.activeSeal("seal-finance")
            let other = try await world.ask(finance, by: world.boss)
            await #expect(throws: SealError.fourEyes) { try await confirm(other, by: world.boss) }
            try await database.write { tx in
                try tx.execute("UPDATE seal_request SET confirmation = NULL WHERE seal = $1", seal.id)
            }
            #expect(try await Seals.compareWithLog(in: database, max: 9).altered == ["seal:\(seal.id)"])
        }
    }

    @Test("a document changed between approval and signature, and an approval of another than was asked for")
    func changed() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            try await world.permit(seal, to: world.clerk)
            let request = try await world.ask(seal, by: world.clerk)
            await #expect(throws: SealError.documentChanged) {
                try await database.write { tx in
                    try SealRequests.decide(
                        request.id,
                        digest: Hex.encode(SM3.digest([1])),
                        refusal: nil,
                        by: world.boss,
                        occasion: occasion(7),
                        in: tx
                    )
                }
            }
            try await world.approve(request, by: world.boss)
            var entries = try Package(reading: try SealWorld.document(), limits: SealWorld.limits).entries
            let page = try #require(entries.firstIndex { $0.name.hasSuffix("Content.xml") })
            entries[page].bytes += Array(" ".utf8)
            let other = try Package(entries).zipped()
            await #expect(throws: SealError.documentChanged) {
                _ = try await world.sign(request, by: world.clerk, document: other)
            }
        }
    }

    @Test(
        "whoever may act for the firm in other matters only neither asks, nor approves, nor lends his approval"
    )
    func otherMatters() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            try await world.permit(seal, to: world.clerk)
            let other = try await world.appoint(world.stranger)
            try await world.permit(seal, to: world.stranger, as: .approve, kinds: [])
            let request = try await world.ask(seal, by: world.clerk)
            try await world.approve(request, by: world.stranger)
            try await database.write { tx in
                try Enterprises.revoke(other.id, by: world.boss, occasion: occasion(7), in: tx)
            }
            try await world.appoint(world.stranger, scope: ["licence.use"])
            await #expect(throws: SealError.notActing) {
                _ = try await world.sign(request, by: world.clerk)
            }
            let next = try await world.ask(seal, by: world.clerk)
            await #expect(throws: SealError.notActing) { try await world.approve(next, by: world.stranger) }
            await #expect(throws: SealError.notActing) { try await world.permit(seal, to: world.stranger) }
            await #expect(throws: SealError.notActing) { _ = try await world.ask(seal, by: world.stranger) }
        }
    }

    @Test("nothing is put beside a seal that was forged, also where nobody is asked whom it leads to")
    func forged() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            func package(_ bytes: [UInt8]) async throws -> OFDDocument {
                try await world.workshop.package(bytes, for: seal, limits: SealWorld.limits)
            }
            #expect(try await package(SealWorld.document()).bodies.count == 1)
            // Renamed, under another's signature that is good in itself.
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent()
            let path = folder.appendingPathComponent("Samples/seals/made-broken-seal.ofd")
            let forged = [UInt8](try Data(contentsOf: path))
            await #expect(throws: SealError.broken) { _ = try await package(forged) }
        }
    }

    @Test("an approved request signs once, however often it is sent, and nobody uses another's seal")
    func replay() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            try await world.permit(seal, to: world.clerk)
            let request = try await world.ask(seal, by: world.clerk)
            try await world.approve(request, by: world.boss)
            _ = try await world.sign(request, by: world.clerk)
            await #expect(throws: SealError.notWaiting(state: "signed")) {
                _ = try await world.sign(request, by: world.clerk)
            }
            // Somebody who represents another company.
            await #expect(throws: SealError.notActing) { _ = try await world.ask(seal, by: world.stranger) }
            await #expect(throws: SealError.notActing) { try await world.permit(seal, to: world.stranger) }
            await #expect(throws: SealError.notRepresentative) {
                try await database.write { tx in
                    _ = try Seals.move(
                        seal.id,
                        by: .suspend,
                        reason: "r",
                        owner: world.stranger,
                        occasion: occasion(9),
                        in: tx
                    )
                }
            }
        }
    }

    @Test("two signers race for the last use: one wins")
    func race() async throws {
        try await forEachEngine(sealMigrations) { database in
            let world = try await SealWorld(database)
            let seal = try await world.activeSeal()
            try await world.permit(seal, to: world.clerk, usesMax: 1)
            var requests: [SealRequest] = []
            for _ in 0..<4 {
                let request = try await world.ask(seal, by: world.clerk)
                try await world.approve(request, by: world.boss)
                requests.append(request)
            }
            let answers = await withTaskGroup(of: SealError?.self) { group in
                for request in requests + requests {
                    group.addTask {
                        do {
                            _ = try await world.sign(request, by: world.clerk)
                            return nil
                        } catch { return error as? SealError ?? .unknown }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == nil }.count == 1)
            #expect(
                answers.allSatisfy { $0 == nil || $0 == .usedUp || $0 == .notWaiting(state: "signed") },
                "\(answers)"
            )
            let kept = try await database.read { reader in
                (
                    try SealLedger.uses(of: seal.id, in: reader).count,
                    try SealPermits.all(of: seal.id, in: reader).map(\.uses)
                )
            }
            #expect(kept.0 == 1 && kept.1 == [1])
        }
    }
}
