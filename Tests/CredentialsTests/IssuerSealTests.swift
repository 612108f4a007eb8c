import Attachments
import Audit
import Credentials
import Cryptography
import Documents
import ElectronicSeals
import Foundation
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// Seals of issuing bodies in the register of seals.
@Suite("seals of issuing bodies")
struct IssuerSealTests {
    /// An issuer with a licence, and what makes and keeps its files.
    private struct World {
        let database: any Database
        let authority: CredentialAuthority
        let seals: IssuerSeals
        let licence: Credential
        let originals: LicenceOriginals
        let copies: HolderCopies

        static let platform = IssuingBody(code: "150000", name: "内蒙古自治区政务服务")

        init(_ database: any Database, folder: String) async throws {
            self.database = database
            authority = try CredentialsTests.authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            licence = try await issue(sample(of: type), by: authority, on: database)
            let home = try Home.find()
            let press = try DocumentPress(home: home, threads: 1, queueMax: 64)
            seals = IssuerSeals(
                authority: authority,
                maker: Self.platform,
                press: press,
                figures: try SealFigures(contentsOf: home.resource("documents/seal-figures.yaml")),
                database: database
            )
            let licences = try LicencePress(
                home: home,
                press: press,
                types: authority.types.licences,
                seals: seals,
                authority: authority,
                platform: Self.platform,
                origin: "https://suban.example",
                limits: { _ in LicenceFileTests.limits }
            )
            originals = LicenceOriginals(
                database: database,
                blobs: BlobStore(folder: folder),
                licences: licences,
                press: press,
                limits: { _ in LicenceFileTests.limits }
            )
            copies = HolderCopies(
                types: authority.types.licences,
                files: CopyFiles(
                    draw: { try await licences.copy($0, as: $1, occasion: occasion(9)) },
                    daysMax: { _ in 30 }
                ),
                database: database
            )
        }

        func file(_ minutes: Int64) async throws -> [UInt8] {
            try await originals.file(of: licence, .ofd, occasion: occasion(minutes)).bytes
        }

        func registered(_ body: IssuingBody) async throws -> [Seal] {
            try await database.read { reader in
                try Seals.owned(by: body.code, in: reader).filter(\.isOfAuthority)
            }
        }

        func move(_ seal: Seal, _ event: SealEvent, _ minutes: Int64) async throws {
            try await database.write { tx in
                _ = try Seals.move(seal.id, by: event, reason: "1号", occasion: occasion(minutes), in: tx)
            }
        }

        func verdict(_ file: [UInt8], _ minutes: Int64 = 60) async throws -> FileVerdict {
            let verifier = FileVerifier(
                anchors: authority.trust,
                moment: occasion(minutes).now,
                limits: LicenceFileTests.limits
            )
            let verdict = verifier.verify(file)
            return try await database.read { try verdict.withSealStates(in: $0) }
        }

        func altered() async throws -> [String] {
            let seals = try await Seals.compareWithLog(in: database, max: 9).altered
            return seals + (try await SealLedger.compareWithLog(in: database, max: 9).altered)
        }
    }

    private func each(_ body: @Sendable (World) async throws -> Void) async throws {
        try await forEachEngine(migrations + AttachmentMigrations.all) { database in
            let folder = FileManager.default.temporaryDirectory.path + "/suban-files-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(try await World(database, folder: folder))
        }
    }

    @Test(
        "a body's first file brings its seal into the register: code, record, steps, and the state in the verdict"
    )
    func registered() async throws {
        try await each { world in
            #expect(try await world.registered(registrar) == [])
            let file = try await world.file(1)
            let seals = try await world.registered(registrar)
            let seal = try #require(seals.first)
            #expect(seals.count == 1 && seal.state == .active && seal.version == 4 && seal.region == "150200")
            #expect(seal.owner.name == registrar.name && seal.ordinal == nil)
            try await world.database.read { reader in
                let id = try #require(seal.credential)
                let record = try #require(try Credentials.find(id, in: reader)).record
                #expect(record.sealCode == seal.code && record.issuer == World.platform)
                #expect(try Credentials.find(code: record.code, in: reader)?.id == record.id)
                let steps = try Seals.history(of: seal.id, in: reader)
                #expect(steps.map(\.state) == [.applied, .approved, .made, .active])
                #expect(try AuditLog.history(of: "seal:\(seal.id)", in: reader).count == 4)
                let serial = try #require(seal.made?.certificate)
                #expect(try Seals.find(certificate: serial, in: reader)?.id == seal.id)
                let listed = try Seals.ofAuthorities(from: "150200", below: "150300", in: reader)
                #expect(listed.map(\.id) == [seal.id])
            }
            let verdict = try await world.verdict(file)
            #expect(verdict.problems == [] && verdict.proven.contains { $0.code == "seal.in-force" })
            #expect(!verdict.claimed.contains { $0.code == "seal.state-unknown" })
            // Firms are offered none of this kind.
            #expect(!world.authority.types.seals.contains { $0.key == IssuerSeals.kind })
            #expect(throws: SealError.unknownKind(IssuerSeals.kind)) {
                try SealKinds(home: try .find()).kind(IssuerSeals.kind)
            }
            #expect(try await world.altered() == [])
        }
    }

    @Test("each file has its line: which licence, which digest, when, who, on whose act; a copy for its case")
    func ledger() async throws {
        try await each { world in
            let file = try await world.file(1)
            #expect(try await world.file(2) == file, "kept, not sealed anew")
            let wish = CopyWish(original: world.licence.id, forWhom: "某银行", purpose: "开户", caseNumber: "K-7")
            let copy = try await world.copies.make(wish, as: .ofd, occasion: occasion(10))
            _ = try await world.copies.make(wish, as: .pdf, occasion: occasion(11))
            let seal = try #require(try await world.registered(registrar).first)
            let other = try #require(try await world.registered(World.platform).first)
            let (own, copied) = try await world.database.read { reader in
                (
                    try SealLedger.impressions(of: seal.id, limit: 9, in: reader),
                    try SealLedger.impressions(of: other.id, limit: 9, in: reader)
                )
            }
            let line = try #require(own.first)
            #expect(own.count == 1 && line.kind == .original && line.credential == world.licence.id)
            #expect(line.identifier == world.licence.record.identifier.description)
            #expect(line.digest == Hex.encode(SM3.digest(file)) && line.at == occasion(1).now)
            #expect(line.authority == "staff s1" && line.actor == "staff s1")
            #expect(line.certificate == seal.made?.certificate)
            #expect(copied.map(\.kind) == [.copy] && copied.first?.caseNumber == "K-7")
            #expect(copied.first?.digest == copy.copy.digest)
            #expect(try await SealLedger.compareWithLog(in: world.database, max: 9).count == 2)
            #expect(try await world.altered() == [])
            try await world.database.write { tx in
                try tx.execute("UPDATE seal_impression SET digest = '00' WHERE id = $1", line.id)
                try tx.execute("DELETE FROM seal_impression WHERE seal = $1", other.id)
            }
            #expect(try await world.altered().count == 2)
        }
    }

    @Test("one that the desk stopped seals nothing that is kept; one that is void gives way to another code")
    func stopped() async throws {
        try await each { world in
            _ = try await world.seals.sealing(of: registrar, occasion: occasion(1))
            let seal = try #require(try await world.registered(registrar).first)
            try await world.move(seal, .suspend, 2)
            // Within the minute its state is not asked again before the ledger is.
            for minutes in [Int64(2), 9] {
                await #expect(throws: SealError.bodyNotInForce(state: .suspended)) {
                    try await world.file(minutes)
                }
            }
            #expect(try await world.originals.find(world.licence.id) == nil)
            try await world.move(seal, .resume, 10)
            let file = try await world.file(11)
            try await world.move(seal, .void, 20)
            let next = try await world.seals.sealing(of: registrar, occasion: occasion(30))
            #expect(next.id != seal.id && next.seal.content.code != seal.code)
            // What it sealed in force stands, and its body's certificate goes on.
            #expect(try await world.verdict(file).problems == [])
            let again = try await world.seals.sealing(of: registrar, occasion: occasion(31))
            #expect(again.id == next.id && again.signer.certificate == next.signer.certificate)
            #expect(try await world.altered() == [])
        }
    }

    @Test(
        "those of before the register come into it as they are, and sign on; one that no maker signed stays out"
    )
    func takenOver() async throws {
        try await each { world in
            let signer = try world.authority.identity(of: registrar, now: start)
            func made(_ code: String, by maker: SigningIdentity) throws -> ElectronicSeal {
                try ElectronicSeal(
                    ElectronicSeal.Content(
                        vendor: "SUBAN",
                        code: code,
                        type: 99,
                        name: registrar.name + "电子证照专用章",
                        signers: .certificates([signer.certificate.der]),
                        createdAt: start,
                        validFrom: signer.certificate.validFrom,
                        validUntil: signer.certificate.validUntil,
                        picture: .init(type: "PNG", bytes: [1], width: 40, height: 40)
                    ),
                    madeBy: maker
                )
            }
            let maker = try world.authority.identity(of: World.platform, now: start)
            let stranger = try PlatformKeys.openOrCreate(
                in: .open(
                    folder: FileManager.default.temporaryDirectory.path + "/suban-\(UUID().uuidString)"
                ),
                organization: "别处",
                now: start + -Instant.day
            ).identity(
                named: "x",
                subject: DistinguishedName(organization: "别处", commonName: "别处"),
                for: .licences,
                now: start
            )
            let old = try made("15020000000901", by: maker)
            let forged = try made("15020000000902", by: stranger)
            try await world.database.write { tx in
                for seal in [old, forged] {
                    try tx.execute(
                        """
                        INSERT INTO credential_issuer_seal (code, body, name, ses, made_at)
                        VALUES ($1, $2, $3, $4, $5)
                        """,
                        seal.content.code,
                        registrar.code,
                        registrar.name,
                        seal.bytes,
                        start
                    )
                }
            }
            #expect(try await world.seals.takeOver(occasion: occasion(50)) == 1)
            #expect(try await world.seals.takeOver(occasion: occasion(51)) == 0)
            let seal = try #require(try await world.registered(registrar).first)
            #expect(seal.code == old.content.code && seal.made?.bytes == old.bytes && seal.state == .active)
            // A file of before is judged by the day of the seal, not of its entry.
            let state = try await world.database.read {
                try SealRegistry.state("15020000000901", at: occasion(1).now, in: $0)
            }
            #expect(state == .active)
            let now = try await world.seals.sealing(of: registrar, occasion: occasion(52))
            #expect(now.id == seal.id && now.seal == old)
            #expect(try await world.altered() == [])
        }
    }
}
